//go:build !unix

package main

// onResize does nothing where there is no signal for it: lines are wrapped as
// for the size at the start.
func onResize(func()) (stop func()) { return func() {} }
