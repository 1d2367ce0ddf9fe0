// Package report shows the figures of package load: while a run goes on, as a
// table when it is over, and as a page with charts.
package report
