package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/interop/npm"
)

// patience bounds the start and the end of a program.
const patience = 20 * time.Second

// output keeps what a program says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// server is an instance of a program of this module.
type server struct {
	origin string
	port   string
	pid    int
}

// launch starts a program of this module on a port of its own.
func launch(t *testing.T, name string, env ...string) server {
	t.Helper()
	cmd := exec.Command(filepath.Join(programs(t), name))
	cmd.Env = append(append(os.Environ(), "HOST=127.0.0.1", "PORT=0"), env...)
	r, w := io.Pipe()
	cmd.Stdout = w
	run(t, cmd)
	line := make(chan string, 1)
	go func() { // ends with the program's output
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if origin, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
				line <- origin
			}
		}
	}()
	select {
	case origin := <-line:
		u, err := url.Parse(origin)
		if err != nil {
			t.Fatal(err)
		}
		return server{origin: origin, port: u.Port(), pid: cmd.Process.Pid}
	case <-time.After(patience):
		t.Fatalf("%s does not listen", name)
		panic("unreachable")
	}
}

// run starts a program, and ends it with the test.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var said output
	cmd.Stderr = &said
	// A proxy may leave workers behind that hold its output open.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended, as a test wants
		select {
		case <-ended:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			t.Errorf("%s did not end", cmd.Path)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", cmd.Path, said.String())
		}
	})
}

// socket makes a listening socket to be handed to a program, so that no
// port is free for a moment and lost.
func socket(t *testing.T) (port string, f *os.File) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err = l.(*net.TCPListener).File()
	if err == nil {
		_, port, err = net.SplitHostPort(l.Addr().String())
	}
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return port, f
}

// nginx starts nginx with the page's configuration in front of two servers
// and returns its origin.
func nginx(t *testing.T, backs [2]server, edits ...edit) string {
	t.Helper()
	port, f := socket(t)
	dir := t.TempDir()
	site := configuration(t, "nginx", append([]edit{
		{"listen 80;", "listen 127.0.0.1:" + port + ";", 1},
		{"127.0.0.1:3001", "127.0.0.1:" + backs[0].port, 1},
		{"127.0.0.1:3002", "127.0.0.1:" + backs[1].port, 1},
		{"location /socket.io/ {", "location / {", 1}, // the servers under test have more paths
	}, edits...))
	// What a distribution's nginx.conf says, in a folder of our own.
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // or the workers could not enter the folder
	}
	config := fmt.Sprintf(`daemon off;
worker_processes 1;
%[3]s
pid %[1]s/pid;
error_log stderr warn;
events {}
http {
    access_log off;
    client_body_temp_path %[1]s/body;
    proxy_temp_path %[1]s/proxy;
    fastcgi_temp_path %[1]s/fastcgi;
    uwsgi_temp_path %[1]s/uwsgi;
    scgi_temp_path %[1]s/scgi;
%[2]s}
`, dir, site, user)
	file := write(t, dir, "nginx.conf", config)
	cmd := exec.Command(program("nginx"), "-e", "stderr", "-p", dir, "-c", file)
	cmd.Env = append(os.Environ(), "NGINX=3;") // "take these sockets over", as in an upgrade of nginx
	serve(t, cmd, f)
	return "http://127.0.0.1:" + port
}

// haproxy is [nginx] for HAProxy.
func haproxy(t *testing.T, backs [2]server, edits ...edit) string {
	t.Helper()
	port, f := socket(t)
	config := configuration(t, "haproxy", append([]edit{
		{"bind :80", "bind fd@3", 1},
		{"127.0.0.1:3001", "127.0.0.1:" + backs[0].port, 1},
		{"127.0.0.1:3002", "127.0.0.1:" + backs[1].port, 1},
	}, edits...))
	cmd := exec.Command(program("haproxy"), "-db", "-f", write(t, t.TempDir(), "haproxy.cfg", config))
	serve(t, cmd, f)
	return "http://127.0.0.1:" + port
}

// program finds a proxy, also where a user's PATH does not lead.
func program(name string) string {
	if _, err := exec.LookPath(name); err != nil {
		return "/usr/sbin/" + name
	}
	return name
}

// serve starts a proxy that inherits a listening socket. Connections wait in
// it until the proxy is ready.
func serve(t *testing.T, cmd *exec.Cmd, f *os.File) {
	t.Helper()
	cmd.ExtraFiles = []*os.File{f}
	run(t, cmd)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func configuration(t *testing.T, language string, edits []edit) string {
	t.Helper()
	config, err := block(language)
	if err == nil {
		config, err = apply(config, edits)
	}
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// prepared builds the programs and installs the npm packages, once.
var prepared = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "proxy")
	if err != nil {
		return "", err
	}
	return dir, errors.Join(npm.Install(node), command(".", "go", "build", "-o", dir+string(filepath.Separator), "../conformance", "../sio5"))
})

func programs(t *testing.T) string {
	t.Helper()
	dir, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := prepared(); err == nil {
		_ = os.RemoveAll(dir) // a leftover in the temporary folder harms nobody
	}
	os.Exit(code)
}
