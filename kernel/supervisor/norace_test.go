//go:build !race

package supervisor

// raceEnabled says that the race detector allocates beside Go.
const raceEnabled = false
