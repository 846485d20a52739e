package device

import (
	"encoding/json"
	"fmt"
	"strings"
)

// String says which device it is: its number, name and back-end.
func (d *Device) String() string {
	if d == nil || d.Device == nil {
		return "no device"
	}
	info := d.Info()
	return fmt.Sprintf("device %d: %s (%s), %d units", d.Number, info.Name, info.Backend, info.Units)
}

// String lists the devices.
func (s *Set) String() string {
	if s == nil {
		return "no devices"
	}
	var lines []string
	for _, d := range s.Devices {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// MarshalJSON copies the elements from the device, as a list.
func (a *Array[T]) MarshalJSON() ([]byte, error) {
	if a == nil || a.on == nil {
		return []byte("null"), nil
	}
	xs, err := a.ToHost()
	if err != nil {
		return nil, err
	}
	return json.Marshal(xs)
}
