package device

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDevicesAndArraysShowWhatTheyAre(t *testing.T) {
	set := Open()
	defer set.Close()
	d := set.Devices[len(set.Devices)-1]
	if text := d.String(); !strings.HasPrefix(text, "device ") || !strings.Contains(text, "(cpu)") || strings.Contains(text, "0x") {
		t.Error(text)
	}
	if lines := strings.Split(set.String(), "\n"); len(lines) != len(set.Devices) {
		t.Errorf("%q", lines)
	}
	a, err := ToDevice(d, []int32{3, 4})
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := json.Marshal(a); string(raw) != "[3,4]" || err != nil {
		t.Errorf("%s, %v", raw, err)
	}
	a.Free()
	if _, err := json.Marshal(a); err == nil {
		t.Error("a freed array has elements")
	}
}
