package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// licence stands at the head of each script, minified or not.
const licence = "/*! go-socketio, MIT */"

// A product is one script of dist.
type product struct {
	name   string
	entry  string
	format api.Format
	minify bool
	parser string // in the place of src/parser.ts, if not empty
}

var products = []product{
	{name: "socket.io.js", entry: "src/global.ts", format: api.FormatIIFE},
	{name: "socket.io.min.js", entry: "src/global.ts", format: api.FormatIIFE, minify: true},
	{name: "socket.io.msgpack.min.js", entry: "src/global.ts", format: api.FormatIIFE, minify: true, parser: "src/msgpack/parser.ts"},
	{name: "socket.io.esm.min.js", entry: "src/index.ts", format: api.FormatESModule, minify: true},
	{name: "socket.io.webtransport.esm.min.js", entry: "src/webtransport.ts", format: api.FormatESModule, minify: true},
}

// bundle builds every product from root/src and returns the files by name,
// source maps included. Nothing is written.
func bundle(root string) (map[string][]byte, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, p := range products {
		opts := api.BuildOptions{
			AbsWorkingDir: root,
			EntryPoints:   []string{p.entry},
			Outfile:       filepath.Join(root, "dist", p.name),
			Bundle:        true,
			Format:        p.format,
			Platform:      api.PlatformBrowser,
			Target:        api.ES2022,
			Charset:       api.CharsetUTF8,
			Banner:        map[string]string{"js": licence},
			LogLevel:      api.LogLevelSilent,

			Sourcemap:      api.SourceMapLinked,
			SourcesContent: api.SourcesContentInclude,
		}
		if p.parser != "" {
			opts.Plugins = []api.Plugin{replaceParser(filepath.Join(root, p.parser))}
		}
		if p.minify {
			opts.MinifyWhitespace = true
			opts.MinifySyntax = true
			opts.MinifyIdentifiers = true
			// Names with a leading underscore are private throughout src; what
			// goes over the wire under such a name is quoted there.
			opts.MangleProps = "^_"
		}
		result := api.Build(opts)
		if len(result.Errors) > 0 {
			var all []error
			for _, m := range result.Errors {
				if m.Location != nil {
					all = append(all, fmt.Errorf("%s:%d: %s", m.Location.File, m.Location.Line, m.Text))
				} else {
					all = append(all, errors.New(m.Text))
				}
			}
			return nil, fmt.Errorf("%s: %w", p.name, errors.Join(all...))
		}
		for _, f := range result.OutputFiles {
			files[filepath.Base(f.Path)] = f.Contents
		}
	}
	return files, nil
}

// replaceParser puts another parser where the sources ask for the usual one, so
// that a build does not carry both.
func replaceParser(path string) api.Plugin {
	return api.Plugin{Name: "parser", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\./parser$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: path}, nil
		})
	}}
}
