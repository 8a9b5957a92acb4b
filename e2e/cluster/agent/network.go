package agent

import (
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
)

const bridge = "cni0"

// makeBridge gives every pod its way to the others and to the API server.
func makeBridge(gateway string) error {
	removeBridge() // one left by an agent that was killed
	return ip(
		// With an address of its own: it would otherwise change with each pod that comes, and pods remember the old one.
		"link add "+bridge+" address "+hardwareAddress(gateway)+" type bridge",
		"addr add "+gateway+"/16 dev "+bridge,
		"link set "+bridge+" up",
	)
}

func removeBridge() { _ = ip("link del " + bridge) }

// joinNetwork moves the calling thread into a network of its own with one interface, eth0, whose other end hangs on the
// bridge under the name given.
func joinNetwork(address, gateway, veth string) error {
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	thread := syscall.Gettid()
	outside := make(chan error)
	go func() { // on another thread, hence in the network that has the bridge
		_ = ip("link del " + veth) // the kernel takes its time with the network of a dead pod
		outside <- ip(
			// The hardware address follows from the address, so that nobody remembers a wrong one for it.
			fmt.Sprintf("link add %s type veth peer name eth0 address %s netns %d", veth, hardwareAddress(address), thread),
			fmt.Sprintf("link set %s master %s up", veth, bridge),
		)
	}()
	if err := <-outside; err != nil {
		return err
	}
	return ip(
		"link set lo up",
		"addr add "+address+"/16 dev eth0",
		"link set eth0 up",
		"route add default via "+gateway,
	)
}

// hardwareAddress has the bit set that says: assigned by hand, not by a maker.
func hardwareAddress(address string) string {
	b := netip.MustParseAddr(address).As4()
	return fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3])
}

// vethName is unique for an address and short enough for the kernel.
func vethName(address string) string {
	return "veth" + strings.ReplaceAll(strings.TrimPrefix(address, "10.244."), ".", "-")
}

func ip(commands ...string) error {
	command := exec.Command("ip", "-batch", "-")
	command.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(commands, "; "), err, output)
	}
	return nil
}
