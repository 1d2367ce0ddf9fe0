package main

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // so that a size can be read from it
	_ "image/jpeg" // so that a size can be read from it
	_ "image/png"  // so that a size can be read from it
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-socketio/socketio"
)

// What one chat takes. Together they bound its memory: the histories are at
// most maxRooms × maxHistory × maxText characters, 6 MB, and what waits for
// slow readers is bounded by the server's MaxQueuedBytes.
const (
	maxPeople    = 100
	maxSockets   = 4 // connections of one person
	maxRooms     = 50
	maxRoomsEach = 10
	maxHistory   = 30
	maxName      = 24   // characters
	maxRoomName  = 24   // characters
	maxText      = 1000 // characters
	maxFileName  = 100  // characters
	maxImage     = 1_000_000
	// A small file can hold an image that fills the memory of whoever looks at it.
	maxPixels = 40_000_000
	ackWithin = 4 * time.Second
)

// limits tells the page what it need not try.
type limits struct {
	Name  int `json:"name"`
	Room  int `json:"room"`
	Text  int `json:"text"`
	Image int `json:"image"`
}

var theLimits = limits{Name: maxName, Room: maxRoomName, Text: maxText, Image: maxImage}

var tokenPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{16,64}$`)

// refuse makes an error that the client sees as it is.
func refuse(format string, args ...any) error {
	return &socketio.Error{Message: fmt.Sprintf(format, args...)}
}

func cleanName(s string) (string, error) { return cleanLabel("name", s, maxName) }

func cleanRoom(s string) (string, error) { return cleanLabel("room name", s, maxRoomName) }

// cleanLabel returns s with single spaces. It refuses what does not show:
// invisible characters would let one name look like another.
func cleanLabel(what, s string, limit int) (string, error) {
	if len(s) > 8*limit {
		s = s[:8*limit] // more is too long anyway, and need not be looked at
	}
	s = strings.Join(strings.Fields(s), " ")
	if n := utf8.RuneCountInString(s); n == 0 || n > limit {
		return "", refuse("A %s has 1 to %d characters.", what, limit)
	}
	const joiner = '\u200d' // holds many emoji together
	for _, r := range s {
		if !unicode.IsPrint(r) && r != joiner {
			return "", refuse("The %s has a character in it that does not show (%U).", what, r)
		}
	}
	return s, nil
}

// cleanText returns a message without the control characters that no keyboard
// writes.
func cleanText(s string) (string, error) {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", refuse("The message is empty.")
	case n > maxText:
		return "", refuse("The message has %d characters, %d is the limit.", n, maxText)
	}
	return s, nil
}

func cleanFileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, clip(s, maxFileName))
	if s == "" {
		return "image"
	}
	return s
}

// clip shortens s to n characters.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

var imageTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// checkImage tells the type of an image by its content; what a client says of
// it does not count.
func checkImage(data []byte) (string, error) {
	if len(data) > maxImage {
		return "", refuse("The image has %d bytes, %d is the limit.", len(data), maxImage)
	}
	kind := http.DetectContentType(data)
	if !slices.Contains(imageTypes, kind) {
		return "", refuse("This is no PNG, JPEG, GIF or WebP image.")
	}
	if kind == "image/webp" {
		return kind, nil // the standard library cannot look into it
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return "", refuse("The image is damaged.")
	}
	if size.Width*size.Height > maxPixels {
		return "", refuse("The image has %d × %d pixels, that is too large.", size.Width, size.Height)
	}
	return kind, nil
}

// pace keeps one person from flooding the others: a bucket of paceBurst
// events that fills with pacePerSecond.
type pace struct {
	mu    sync.Mutex
	spent float64
	at    time.Time
}

const (
	paceBurst     = 30
	pacePerSecond = 10
	imageCost     = 6
)

func (p *pace) spend(cost float64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.spent = max(0, p.spent-now.Sub(p.at).Seconds()*pacePerSecond)
	p.at = now
	if p.spent+cost > paceBurst {
		return refuse("Too much at once, wait a moment.")
	}
	p.spent += cost
	return nil
}
