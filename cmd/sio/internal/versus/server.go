package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// server is a program under test while it runs.
type server struct {
	cmd *exec.Cmd
	url string
}

// pin finds out whether servers can be pinned to a processor of their own.
func (o *options) pin() bool {
	if o.cpu >= 0 && exec.Command("taskset", "-c", strconv.Itoa(o.cpu), "true").Run() == nil {
		return true
	}
	o.cpu = -1
	return false
}

func (o *options) start(command []string) (*server, error) {
	if o.cpu >= 0 {
		command = append([]string{"taskset", "-c", strconv.Itoa(o.cpu)}, command...) // which replaces itself: the pid stays
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd}
	stuck := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf(`it said %q, not "listening URL"`, line), s.stop())
	}
	s.url = url
	return s, nil
}

// stop ends the server. That it was killed is no error; that it had ended
// before is.
func (s *server) stop() error {
	early := s.cmd.Process.Kill()
	err := s.cmd.Wait()
	if early != nil {
		return fmt.Errorf("the server ended by itself: %w", errors.Join(early, err))
	}
	return nil
}

// tick is the unit of processor times in /proc, the same on every Linux.
const tick = 10 * time.Millisecond

// cpu is the processor time that the server has taken so far, that of the
// kernel on its behalf included.
func (s *server) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(text))
}

// parseStat takes utime and stime, fields 14 and 15. Field 2 is the name in
// parentheses, in which there may be anything.
func parseStat(text string) (time.Duration, error) {
	_, rest, _ := strings.Cut(text[max(strings.LastIndexByte(text, ')'), 0):], " ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, fmt.Errorf("cannot read /proc/PID/stat: %q", text)
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// resident is the memory that the server occupies, in bytes.
func (s *server) resident() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(text))
	if len(f) < 2 {
		return 0, fmt.Errorf("cannot read /proc/PID/statm: %q", text)
	}
	pages, err := strconv.ParseInt(f[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
