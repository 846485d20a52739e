package p

type particle struct{ pos, vel [2]float64 }

func (p *particle) step(dt float64) (moved float64) {
	for i := range p.pos {
		p.pos[i] += p.vel[i] * dt
		moved += p.vel[i] * dt
	}
	return
}

// Sum adds numbers.
func Sum[T int | float64](xs []T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func g(p particle, dts []float64, größe int) (q particle, ok bool) {
	count := 0
	step := func(dt float64) bool {
		count++ // by a pointer
		return p.step(dt) > float64(größe)
	}
	switch dt := Sum(dts); {
	case dt > 1 && step(dt):
		if count == 1 {
			break
		}
		fallthrough
	case step(dts[0]):
		ok = true
	default:
		panic("nothing moves")
	}
	a, b := p.pos[0], p.pos[1]
	a, b = b, a+b
	return particle{pos: [2]float64{a, b}}, ok
}

var f = g
