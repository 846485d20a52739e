package edit

import (
	"strings"
	"unicode"
)

// vi is the state of the keys of vi.
type vi struct {
	inserts  bool
	count    int
	operator string // d, c or y, that waits for a motion
	opCount  int
	wants    string // a command that waits for a character: f F t T r, or i a of a text object
	find     [2]string
	// change is the last change, as keys, which a dot does again; keys are those of
	// the command that is under way.
	change, keys []string
	recording    bool
	replaying    bool
}

// takes says whether a key is one of the command mode's own.
func (v *vi) takes(e *Editor, key string) bool {
	if v.wants != "" || isText(key) || key == "Esc" || key == "C-r" {
		return true
	}
	_, bound := e.keys[key]
	return !bound && !e.begins(key)
}

// command enters the command mode.
func (v *vi) command(e *Editor) {
	if v.inserts && e.at > e.lineStart(e.at) {
		e.at = e.left()
	}
	v.inserts = false
	v.reset()
	e.typing, e.goal = false, -1
	if v.recording {
		v.recording = false
		v.change = v.keys // the last of which is Esc
	}
	v.keys = nil
}

func (v *vi) reset() { v.count, v.operator, v.opCount, v.wants = 0, "", 0, "" }

// insert enters the insert mode.
func (v *vi) insert(e *Editor) {
	e.keep(false)
	e.typing = true // what is typed is undone with it
	v.inserts = true
	v.reset()
}

// press takes a key of the command mode.
func (v *vi) press(e *Editor, key string) Action {
	e.close()
	if !v.replaying {
		v.keys = append(v.keys, key)
	}
	text, inserts := e.text, v.inserts
	action := v.run(e, key)
	if v.operator == "" && v.wants == "" && v.count == 0 { // the command is over
		switch {
		case v.replaying:
		case v.inserts && !inserts:
			v.recording = true // its keys go on until Esc
			return action
		case e.text != text && key != "u" && key != "C-r" && key != ".":
			v.change = v.keys
		}
		v.keys = nil
	}
	if !v.inserts {
		v.clamp(e)
	}
	return action
}

// clamp keeps the cursor on a character.
func (v *vi) clamp(e *Editor) {
	if e.at > 0 && e.at == e.lineEnd(e.at) && e.at > e.lineStart(e.at) {
		goal := e.goal
		e.at = e.left()
		e.goal = goal
	}
}

func (v *vi) run(e *Editor, key string) Action {
	if v.wants != "" {
		return v.character(e, key)
	}
	switch {
	case key == "Esc":
		v.reset()
		return None
	case key >= "1" && key <= "9" && len(key) == 1, key == "0" && v.count > 0:
		v.count = min(v.count*10+int(key[0]-'0'), 1000)
		return None
	}
	if to, inclusive, linewise, ok := v.motion(e, key); ok {
		v.apply(e, to, inclusive, linewise)
		return None
	}
	switch {
	case v.operator != "" && strings.Contains("fFtTg", key):
		v.wants = key
		return None
	case v.operator != "":
		v.second(e, key)
		return None
	}
	return v.simple(e, key)
}

// second is the key behind an operator: the operator itself for the line, or i or a
// for a text object.
func (v *vi) second(e *Editor, key string) {
	switch key {
	case v.operator:
		start, end := e.lineStart(e.at), e.lineEnd(e.at)
		for n := v.times(); n > 1 && end < len(e.text); n-- {
			end = e.lineEnd(end + 1)
		}
		v.lines(e, start, end)
	case "i", "a":
		v.wants = key
	default:
		v.reset()
	}
}

func (v *vi) times() int { return max(v.count, 1) * max(v.opCount, 1) }

// motion is where a key leads, whether the character there is part of what is
// operated on, and whether whole lines are.
func (v *vi) motion(e *Editor, key string) (to int, inclusive, linewise, ok bool) {
	from := e.at
	defer func() { e.at = from }()
	step := func(f func() int) int {
		for range v.times() {
			e.at = f()
		}
		return e.at
	}
	switch key {
	case "h", "Left":
		return step(func() int { return max(e.left(), e.lineStart(from)) }), false, false, true
	case "l", " ", "Right":
		return step(func() int { return min(e.right(), e.lineEnd(from)) }), false, false, true
	case "0", "Home":
		return e.lineStart(from), false, false, true
	case "^", "_":
		return e.firstPrint(), false, false, true
	case "$", "End":
		return e.lineEnd(from), false, false, true
	case "w", "W":
		if v.operator == "c" { // as vi does: the end of the word
			if r, _ := e.after(from); from < len(e.text) && !isBlank(r) {
				step(func() int {
					return e.skip(e.at, func(r rune) bool { return !isBlank(r) && (key == "W" || classOf(r, false) == classAt(e, from)) })
				})
				return e.at, false, false, true
			}
		}
		to := step(func() int { return e.nextWord(key == "W") })
		if end := e.lineEnd(from); v.operator != "" && to > end && strings.TrimSpace(e.text[end:to]) == "" {
			to = end
		}
		return to, false, false, true
	case "e", "E":
		return step(func() int { return e.wordEnd(key == "E") }), true, false, true
	case "b", "B":
		return step(func() int { return e.backWord(key == "B") }), false, false, true
	case "j", "k":
		if v.operator == "" {
			return 0, false, false, false
		}
		step(func() int { e.vertical(key == "j"); return e.at })
		return e.at, false, true, true
	case "G":
		return len(e.text), false, true, true
	case "%":
		if to := partner(e.text, from); to >= 0 {
			return to, true, false, true
		}
	case ";", ",":
		if v.find[0] != "" {
			how := v.find[0]
			if key == "," {
				how = map[string]string{"f": "F", "F": "f", "t": "T", "T": "t"}[how]
			}
			if to, ok := v.seek(e, how, v.find[1]); ok {
				return to, how == "f" || how == "t", false, true
			}
			return from, false, false, true
		}
	}
	return 0, false, false, false
}

func classAt(e *Editor, at int) class {
	r, _ := e.after(at)
	return classOf(r, false)
}

// apply moves, or does what the operator says as far as to.
func (v *vi) apply(e *Editor, to int, inclusive, linewise bool) {
	if v.operator == "" {
		if linewise {
			e.set(e.text, e.lineStart(to))
			e.at = e.firstPrint()
		} else {
			e.set(e.text, to)
		}
		v.reset()
		return
	}
	from := e.at
	if linewise {
		v.lines(e, e.lineStart(min(from, to)), e.lineEnd(max(from, to)))
		return
	}
	if to < from {
		from, to = to, from
	}
	if inclusive {
		_, n := e.after(to)
		to += n
	}
	v.operate(e, from, to)
}

// operate does what the operator says with text[from:to].
func (v *vi) operate(e *Editor, from, to int) {
	op := v.operator
	v.reset()
	e.kills = append(e.kills, e.text[from:to])
	if op == "y" {
		e.set(e.text, from)
		return
	}
	e.keep(false)
	e.cut(from, to)
	if op == "c" {
		v.inserts, e.typing = true, true
	}
}

// lines does it with whole lines.
func (v *vi) lines(e *Editor, start, end int) {
	op := v.operator
	v.reset()
	e.kills = append(e.kills, e.text[start:end]+"\n")
	switch op {
	case "y":
		e.set(e.text, max(start, min(e.at, end)))
	case "c":
		e.keep(false)
		e.set(e.text, start)
		first := e.firstPrint()
		e.cut(min(first, end), end)
		v.inserts, e.typing = true, true
	case "d":
		e.keep(false)
		switch {
		case end < len(e.text):
			end++
		case start > 0:
			start--
		}
		e.cut(start, end)
		e.at = e.firstPrint()
	}
}

// character takes the character that a command waits for.
func (v *vi) character(e *Editor, key string) Action {
	how := v.wants
	v.wants = ""
	if !isText(key) {
		v.reset()
		return None
	}
	switch how {
	case "r":
		n := v.times()
		v.reset()
		end := e.at
		for range n {
			if end == e.lineEnd(e.at) {
				return None
			}
			_, w := e.after(end)
			end += w
		}
		e.keep(false)
		at := e.at
		e.cut(at, end)
		e.insert(strings.Repeat(key, n))
		e.at -= len(key)
	case "g":
		if key == "g" {
			v.apply(e, 0, false, true)
		} else {
			v.reset()
		}
	case "i", "a":
		if from, to, ok := e.object(key, how == "a"); ok {
			v.operate(e, from, to)
		} else {
			v.reset()
		}
	default:
		v.find = [2]string{how, key}
		if to, ok := v.seek(e, how, key); ok {
			v.apply(e, to, how == "f" || how == "t", false)
		} else {
			v.reset()
		}
	}
	return None
}

// seek finds a character in the line.
func (v *vi) seek(e *Editor, how, char string) (int, bool) {
	at := e.at
	start, end := e.lineStart(at), e.lineEnd(at)
	for range v.times() {
		switch how {
		case "f", "t":
			_, n := e.after(at)
			if at+n > end {
				return 0, false
			}
			i := strings.Index(e.text[at+n:end], char)
			if i < 0 {
				return 0, false
			}
			at += n + i
		default:
			i := strings.LastIndex(e.text[start:at], char)
			if i < 0 {
				return 0, false
			}
			at = start + i
		}
	}
	switch how {
	case "t":
		_, n := e.before(at)
		at -= n
	case "T":
		at += len(char)
	}
	return at, true
}

// simple does the commands that take no motion.
func (v *vi) simple(e *Editor, key string) Action {
	n := v.times()
	switch key {
	case "d", "c", "y":
		v.operator, v.opCount, v.count = key, v.count, 0
	case "f", "F", "t", "T", "r", "g":
		v.wants = key
	case "i":
		v.insert(e)
	case "a":
		v.insert(e)
		e.at = min(e.right(), e.lineEnd(e.at))
	case "I":
		e.at = e.firstPrint()
		v.insert(e)
	case "A":
		e.at = e.lineEnd(e.at)
		v.insert(e)
	case "o", "O":
		v.open(e, key == "O")
	case "x", "X":
		v.operator = "d"
		v.apply(e, v.reach(e, map[string]string{"x": "l", "X": "h"}[key]), false, false)
	case "D", "C":
		v.operator = strings.ToLower(key)
		v.apply(e, e.lineEnd(e.at), false, false)
	case "Y":
		v.operator = "y"
		v.lines(e, e.lineStart(e.at), e.lineEnd(e.at))
	case "s":
		v.operator = "c"
		v.apply(e, v.reach(e, "l"), false, false)
	case "S":
		v.operator = "c"
		v.lines(e, e.lineStart(e.at), e.lineEnd(e.at))
	case "p", "P":
		v.put(e, key == "p", n)
	case "u":
		v.reset()
		e.back(&e.undo, &e.redo)
	case "C-r":
		v.reset()
		e.back(&e.redo, &e.undo)
	case "~":
		v.reset()
		v.flip(e, n)
	case "J":
		v.reset()
		v.join(e)
	case "j", "k", "+", "-":
		v.reset()
		for range n {
			if key == "j" || key == "+" {
				e.do("down")
			} else {
				e.do("up")
			}
		}
	case ".":
		v.reset()
		return v.again(e)
	case "v":
		v.reset()
		return Extern
	case "/", "?":
		v.reset()
		v.inserts = true
		e.startSearch(false)
	default:
		v.reset()
	}
	return None
}

func (v *vi) reach(e *Editor, key string) int {
	to, _, _, _ := v.motion(e, key)
	return to
}

// open begins a line below or above.
func (v *vi) open(e *Editor, above bool) {
	start := e.lineStart(e.at)
	if above && start == 0 {
		v.insert(e)
		e.set("\n"+e.text, 0)
		return
	}
	if above {
		e.at = start - 1
	} else {
		e.at = e.lineEnd(e.at)
	}
	v.insert(e)
	e.newline()
}

// put puts in what was cut last: whole lines below or above.
func (v *vi) put(e *Editor, after bool, n int) {
	v.reset()
	if len(e.kills) == 0 {
		return
	}
	s := strings.Repeat(e.kills[len(e.kills)-1], n)
	e.keep(false)
	if !strings.HasSuffix(s, "\n") {
		if after {
			e.at = min(e.right(), e.lineEnd(e.at))
		}
		e.insert(s)
		e.at = e.left()
		return
	}
	if !after {
		e.at = e.lineStart(e.at)
		at := e.at
		e.insert(s)
		e.at = at
		return
	}
	e.at = e.lineEnd(e.at)
	at := e.at
	e.insert("\n" + strings.TrimSuffix(s, "\n"))
	e.at = at + 1
}

// flip changes the case of n characters.
func (v *vi) flip(e *Editor, n int) {
	e.keep(false)
	for range n {
		if e.at == e.lineEnd(e.at) {
			break
		}
		r, w := e.after(e.at)
		if unicode.IsUpper(r) {
			r = unicode.ToLower(r)
		} else {
			r = unicode.ToUpper(r)
		}
		e.cut(e.at, e.at+w)
		e.insert(string(r))
	}
}

// join joins the line with the next.
func (v *vi) join(e *Editor) {
	end := e.lineEnd(e.at)
	if end == len(e.text) {
		return
	}
	e.keep(false)
	to := e.skip(end, isBlank)
	e.cut(end, to)
	if end == 0 || !isBlank(rune(e.text[end-1])) {
		e.insert(" ")
	}
	e.at = end
}

// again does the last change once more.
func (v *vi) again(e *Editor) Action {
	keys := v.change
	v.replaying = true
	defer func() { v.replaying = false }()
	for _, k := range keys {
		if v.inserts {
			e.Press(k)
		} else {
			v.press(e, k)
		}
	}
	return None
}

// note keeps a key that is pressed in insert mode, as a part of the last change.
func (v *vi) note(key string) {
	if v.recording && v.inserts && !v.replaying && len(v.keys) < 1000 {
		v.keys = append(v.keys, key)
	}
}

// Mode is the mode of the keys: "" with those of emacs, else insert or command.
func (e *Editor) Mode() string {
	switch {
	case e.vi == nil:
		return ""
	case e.vi.inserts:
		return "insert"
	}
	return "command"
}
