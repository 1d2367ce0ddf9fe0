// Package scenarios is the list of what every client of this project has to
// master, as tests of the Go client: against this module's server and against
// the official one. node/scenarios has the same list, by the same names, for
// clients in a browser.
package scenarios
