//! Loopback ports for processes that are started later, or again: where nobody listens, and where the kernel puts nobody.
//!
//! A port the kernel chose itself (bound to 0) comes from the range of which it also serves outgoing connections. Once it
//! is let go, the next connection of anybody may have it, and the process that was to listen there cannot.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Nothing below: there are the ports that programs are known by.
const FIRST: u16 = 10_000;
/// Where the kernel's own range begins when it does not say.
const KERNELS_FIRST: u16 = 32_768;
/// Fewer are too few for all that may run here at once.
const FEWEST: u16 = 2_000;
/// Ports in a row that one process takes: the next process is likely to begin elsewhere.
const ROW: u32 = 64;

/// How many this process has been given.
static GIVEN: AtomicU32 = AtomicU32::new(0);

/// An address on loopback where nobody listens now. No process is given one twice, and two processes look in different
/// places first.
pub fn loopback() -> Result<SocketAddr, String> {
    let said = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let end = end(&said);
    for _ in FIRST..end {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, nth(std::process::id(), GIVEN.fetch_add(1, Ordering::Relaxed), end)));
        // Bound and let go: the address must serve every restart.
        if TcpListener::bind(at).is_ok() {
            return Ok(at);
        }
    }
    Err(format!("no port from {FIRST} to {end} is free"))
}

/// The first port that the kernel gives away by itself, or where that leaves too few, where it usually is.
fn end(said: &str) -> u16 {
    let first = said.split_whitespace().next().and_then(|first| first.parse().ok());
    first.filter(|first| *first >= FIRST + FEWEST).unwrap_or(KERNELS_FIRST)
}

/// The `n`th port of a process.
fn nth(process: u32, n: u32, end: u16) -> u16 {
    let span = u32::from(end - FIRST);
    let rows = span / ROW;
    // Neighbours by number are no neighbours by row (a multiplicative hash).
    let row = (process.wrapping_mul(0x9e37_79b1) >> 8) % rows;
    FIRST + ((row * ROW).wrapping_add(n) % span) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_kernels_own_ports_are_left_to_it() {
        assert_eq!(end("32768\t60999\n"), 32_768);
        assert_eq!(end("20000 60999"), 20_000);
        assert_eq!(end("1024 65535"), KERNELS_FIRST, "too few are left: as everywhere");
        assert_eq!(end(""), KERNELS_FIRST);
        for (process, n) in [(1, 0), (4_194_304, 63), (77, u32::MAX), (u32::MAX, 22_768)] {
            assert!((FIRST..20_000).contains(&nth(process, n, 20_000)));
        }
    }

    #[test]
    fn a_process_is_given_no_port_twice_before_all_were_given() {
        let all: BTreeSet<u16> = (0..2_768).map(|n| nth(4_711, n, 12_768)).collect();
        assert_eq!(all.len(), 2_768);
    }

    #[test]
    fn processes_that_start_together_look_in_different_places() {
        let of = |process| (0..ROW).map(move |n| nth(process, n, KERNELS_FIRST));
        let firsts: BTreeSet<u16> = (1_000..1_008).flat_map(of).collect();
        assert_eq!(firsts.len(), 8 * ROW as usize);
    }

    #[test]
    fn where_somebody_listens_nobody_is_sent() {
        let (mut taken, mut seen) = (Vec::new(), BTreeSet::new());
        for _ in 0..20 {
            let at = loopback().expect("a port");
            assert!(seen.insert(at) && at.ip().is_loopback());
            taken.push(TcpListener::bind(at).expect("it is free"));
        }
    }
}
