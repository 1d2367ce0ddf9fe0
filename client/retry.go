package client

import "time"

// delivery is an event that is tried until it is answered. Of one socket only
// the first is under way, so they arrive in order; each arrives at least once
// unless it is given up. B-110
type delivery struct {
	frames
	event   string
	done    waiter // nil for an Emit, which nobody waits for
	tries   int
	sent    bool   // an answer is awaited
	making  bool   // a try is being encoded
	id      uint64 // of this try
	timer   *time.Timer
	dropped bool // its place in the queue is somebody else's by now
}

// deliveries is the queue of a socket with [Retries]; guarded by its lock.
type deliveries struct {
	list  []*delivery
	bytes int
}

// enqueue adds an event to the queue.
func (s *Socket) enqueue(f frames, event string, done waiter) (*delivery, error) {
	d := &delivery{frames: f.kept(), event: event, done: done}
	s.mu.Lock()
	size := f.size() + packetCost
	var err error
	switch {
	case s.over:
		err = ErrClosed
	case len(s.queue.list) > 0 && s.queue.bytes+size > s.m.cfg.MaxQueuedBytes:
		err = ErrBufferFull
	default:
		s.queue.bytes += size
		s.queue.list = append(s.queue.list, d)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.try()
	return d, nil
}

// try sends the first event of the queue, unless it is under way.
func (s *Socket) try() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue.list) > 0 && s.state == connected {
		d := s.queue.list[0]
		if d.sent || d.making {
			return // who makes it sends it
		}
		id := s.nextID.Add(1) - 1
		f, err := s.makeUnlocked(d, id)
		switch {
		case d.dropped:
			continue // meanwhile
		case err != nil: // a parser that does not read what it writes
			s.settleLocked(d, Reply{}, err)
			continue
		case s.state != connected:
			return // the next connection tries again
		}
		if err := s.conn.send(f, true); err != nil {
			return // the connection is lost; the next one tries again
		}
		d.tries++
		d.sent, d.id = true, id
		s.awaitLocked(id, func(r Reply, err error) { s.tried(d, id, r, err) })
		if t := s.opt.ackTimeout; t > 0 {
			d.timer = time.AfterFunc(t, func() {
				if s.forgo(id) {
					s.tried(d, id, Reply{}, ErrAckTimeout)
				}
			})
		}
		return
	}
}

// makeUnlocked makes the packet of a try. It lets go of the lock, and takes it again:
// Config.Parser is code of the application, which may call the socket.
func (s *Socket) makeUnlocked(d *delivery, id uint64) (f frames, err error) {
	d.making = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		d.making = false
	}()
	defer s.m.catch("Config.Parser", &err)
	return s.m.numbered(d.frames, s.nsp, id)
}

// tried takes the outcome of one try.
func (s *Socket) tried(d *delivery, id uint64, r Reply, err error) {
	s.mu.Lock()
	if d.dropped || d.id != id {
		s.mu.Unlock()
		return
	}
	d.stop()
	if err == nil || d.tries > s.opt.retries {
		s.settleLocked(d, r, err)
	}
	s.mu.Unlock()
	s.try()
}

func (d *delivery) stop() {
	d.sent = false
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// settleLocked takes an event out of the queue and tells how it ended.
func (s *Socket) settleLocked(d *delivery, r Reply, err error) {
	for i, e := range s.queue.list {
		if e == d {
			s.queue.list = append(s.queue.list[:i:i], s.queue.list[i+1:]...)
			s.queue.bytes -= d.size() + packetCost
			break
		}
	}
	d.stop()
	d.dropped = true
	switch {
	case d.done != nil:
		d.done(r, err) // never waits, nor takes the lock
	case err != nil:
		failure := &DeliveryError{Event: d.event, Tries: d.tries, Err: err}
		s.turns.add(func() { s.failed(nil, failure) })
	}
}
