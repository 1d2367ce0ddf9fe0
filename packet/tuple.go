package packet

// Tuple is several arguments held as one Go value: [None], [Args2], [Args3] and
// pointers to them, or a type of your own. Given as an argument it is written
// as its values; given to [Codec.DecodeArgs] as the only destination (a
// pointer), the arguments go to its Destinations.
type Tuple interface {
	// Values returns what to send, in order.
	Values() []any
}

// Destination is a [Tuple] that can be decoded into; a pointer.
type Destination interface {
	// Destinations returns pointers, one for each argument.
	Destinations() []any
}

// None is no argument at all.
type None struct{}

// Values implements [Tuple].
func (None) Values() []any { return nil }

// Destinations implements [Destination].
func (*None) Destinations() []any { return nil }

// Args2 is two arguments.
type Args2[A, B any] struct {
	A A
	B B
}

// Values implements [Tuple].
func (a Args2[A, B]) Values() []any { return []any{a.A, a.B} }

// Destinations implements [Destination].
func (a *Args2[A, B]) Destinations() []any { return []any{&a.A, &a.B} }

// Args3 is three arguments.
type Args3[A, B, C any] struct {
	A A
	B B
	C C
}

// Values implements [Tuple].
func (a Args3[A, B, C]) Values() []any { return []any{a.A, a.B, a.C} }

// Destinations implements [Destination].
func (a *Args3[A, B, C]) Destinations() []any { return []any{&a.A, &a.B, &a.C} }
