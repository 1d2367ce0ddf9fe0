package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"syscall"

	"github.com/gobwas/ws"
)

// floor is the least that can be called a client: it counts frames and sends
// the same packet again, those of one read with one write. It does not look at
// what comes but to tell a heartbeat, has no queue, and survives nothing. Like
// package client it borrows its buffers while it waits for nothing.
type floor struct {
	crowd *crowd
	nc    *net.TCPConn
	raw   syscall.RawConn
	rest  []byte // of a frame that was cut
	done  chan struct{}

	mu sync.Mutex // one writer at a time
}

// floorBuffers are for reads and writes; one is borrowed for microseconds.
var floorBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

func dialFloor(ctx context.Context, c *crowd) (member, error) {
	u, err := url.Parse(c.url)
	if err != nil {
		return nil, err
	}
	nc, br, _, err := ws.Dial(ctx, "ws://"+u.Host+"/socket.io/?EIO=4&transport=websocket")
	if err != nil {
		return nil, err
	}
	var r io.Reader = nc
	if br != nil {
		r = br
	}
	for i := range 2 {
		hd, err := ws.ReadHeader(r)
		if err == nil {
			_, err = io.CopyN(io.Discard, r, hd.Length)
		}
		if err == nil && i == 0 {
			_, err = nc.Write(appendFloor(nil, []byte("40")))
		}
		if err != nil {
			return nil, err
		}
	}
	if br != nil && br.Buffered() > 0 {
		return nil, fmt.Errorf("%d bytes came too early", br.Buffered())
	}
	f := &floor{crowd: c, nc: nc.(*net.TCPConn), done: make(chan struct{})}
	if f.raw, err = f.nc.SyscallConn(); err != nil {
		return nil, err
	}
	go f.serve()
	return f, nil
}

func appendFloor(dst, payload []byte) []byte {
	n := len(payload)
	dst = append(dst, 0x81)
	switch {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = append(dst, 0x80|126, byte(n>>8), byte(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	key := ws.NewMask()
	dst = append(dst, key[:]...)
	dst = append(dst, payload...)
	ws.Cipher(dst[len(dst)-n:], key, 0)
	return dst
}

func (f *floor) begin() error {
	var out []byte
	for range f.crowd.window {
		out = appendFloor(out, f.crowd.packet)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.nc.Write(out)
	return err
}

func (f *floor) close() {
	_ = f.nc.Close()
	<-f.done
}

func (f *floor) serve() {
	defer close(f.done)
	for {
		b, n := f.read()
		if n <= 0 {
			return
		}
		in := (*b)[:n]
		if len(f.rest) > 0 {
			f.rest = append(f.rest, in...)
			in = f.rest
		}
		err := f.handle(in)
		floorBuffers.Put(b)
		if err != nil {
			return
		}
	}
}

// read waits without a buffer.
func (f *floor) read() (b *[]byte, n int) {
	var err error
	if f.raw.Read(func(fd uintptr) bool {
		b = floorBuffers.Get().(*[]byte)
		if n, err = syscall.Read(int(fd), *b); err == syscall.EAGAIN || err == syscall.EINTR {
			floorBuffers.Put(b)
			return false
		}
		return true
	}) != nil || err != nil {
		return nil, 0
	}
	return b, n
}

func (f *floor) handle(in []byte) error {
	ob := floorBuffers.Get().(*[]byte)
	defer floorBuffers.Put(ob)
	out := (*ob)[:0]
	echoes := 0
	for len(in) >= 2 {
		// What ws.ReadHeader does, for frames of a server below 64 KiB and without its allocation.
		n, head := int(in[1]), 2
		if n == 126 {
			if head = 4; len(in) < head {
				break
			}
			n = int(binary.BigEndian.Uint16(in[2:]))
		}
		if len(in) < head+n {
			break
		}
		beat := n == 1 && in[head] == '2'
		in = in[head+n:]
		if beat {
			out = appendFloor(out, []byte("3"))
			continue
		}
		echoes++
		if f.crowd.once {
			continue
		}
		out = appendFloor(out, f.crowd.packet)
	}
	f.rest = append(f.rest[:0], in...)
	if echoes > 0 {
		f.crowd.echoes.Add(int64(echoes))
	}
	if len(out) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.nc.Write(out)
	return err
}
