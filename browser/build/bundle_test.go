package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The committed files are what the sources give, no more and no less.
func TestDistIsFresh(t *testing.T) {
	files, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	if want := 10; len(files) != want {
		t.Fatalf("bundle made %d files, want %d", len(files), want)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "dist", name))
		if err != nil {
			t.Errorf("%v; run go generate in browser", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("dist/%s differs from a fresh build; run go generate in browser", name)
		}
	}
	entries, err := os.ReadDir(filepath.Join("..", "dist"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := files[e.Name()]; !ok {
			t.Errorf("dist/%s is made by nothing in src; remove it", e.Name())
		}
	}
}

func TestBundleReportsErrors(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"global.ts", "index.ts", "webtransport.ts"} {
		if err := os.WriteFile(filepath.Join(root, "src", name), []byte("let = ;"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := bundle(root); err == nil {
		t.Fatal("bundle took a source that does not parse")
	}
}
