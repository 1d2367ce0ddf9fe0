// Package optionspage makes the tables of docs/options.md from the comments in
// the code, so that the two cannot differ.
package optionspage

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Field is one exported field of a struct.
type Field struct {
	Name, Type string
	Doc        string // one line, without what it says of the default
	Default    string // what the comment says behind "Default", "" if nothing
}

// Fields reads the fields of the struct called name from the package in dir.
func Fields(dir, name string) ([]Field, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if s := find(f, name); s != nil {
			return fields(s)
		}
	}
	return nil, fmt.Errorf("no struct %s in %s", name, dir)
}

func find(f *ast.File, name string) *ast.StructType {
	var found *ast.StructType
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == name {
			found, _ = spec.Type.(*ast.StructType)
		}
		return found == nil
	})
	return found
}

func fields(s *ast.StructType) ([]Field, error) {
	var list []Field
	for _, f := range s.Fields.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		var typ bytes.Buffer
		if err := printer.Fprint(&typ, token.NewFileSet(), f.Type); err != nil {
			return nil, err
		}
		for _, name := range f.Names {
			if !name.IsExported() {
				continue
			}
			doc, def := split(strings.Join(strings.Fields(text), " "))
			list = append(list, Field{Name: name.Name, Type: typ.String(), Doc: doc, Default: def})
		}
	}
	return list, nil
}

// stated is what a comment says of a default: "Default 25 s; negative: none.",
// "Default (nil): nobody else.", "default none" in the comment behind a field.
var stated = regexp.MustCompile(`(?:(?:^|\. )Default|(?:^|; )default)(?: \(nil\))?:? (.*?)(?:\.(?: |$)|$)`)

func split(text string) (doc, def string) {
	m := stated.FindStringSubmatchIndex(text)
	if m == nil {
		return text, ""
	}
	if doc = text[:m[0]]; m[1] < len(text) {
		doc += ". " + text[m[1]:]
	}
	return doc, text[m[2]:m[3]]
}
