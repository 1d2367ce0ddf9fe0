// Write brings docs/options.md up to date. Run it in the root of the repository.
package main

import (
	"log"
	"os"

	"github.com/go-socketio/socketio/internal/optionspage"
)

func main() {
	text, err := os.ReadFile(optionspage.Page)
	if err != nil {
		log.Fatal(err)
	}
	page, err := optionspage.Update(".", string(text))
	if err == nil {
		err = os.WriteFile(optionspage.Page, []byte(page), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}
