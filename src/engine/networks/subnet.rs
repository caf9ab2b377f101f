//! Ranges of addresses, IPv4 and IPv6 alike: numbers of 128 bits.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
  pub v6: bool,
  pub first: u128,
  pub last: u128,
}

impl Range {
  /// `10.1.0.0/16`; the address before the slash may be any in it.
  pub fn parse(text: &str) -> Option<Self> {
    let (address, length) = text.split_once('/')?;
    let (address, length): (IpAddr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let bits: u32 = if address.is_ipv6() { 128 } else { 32 };
    let host = bits.checked_sub(length).map(mask)?;
    let first = number(address) & !host;
    Some(Self { v6: address.is_ipv6(), first, last: first | host })
  }

  pub fn address(&self, number: u128) -> IpAddr {
    if self.v6 {
      return Ipv6Addr::from(number).into();
    }
    // Within 32 bits by construction.
    Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).into()
  }

  /// The two of a subnet that no host has, where it has room for them: its own and the broadcast's.
  pub fn reserved(&self) -> Vec<u128> {
    match (self.v6, self.last - self.first) {
      (_, 0 | 1) => Vec::new(),
      (true, _) => vec![self.first],
      (false, _) => vec![self.first, self.last],
    }
  }
}

fn mask(bits: u32) -> u128 {
  if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

pub fn number(address: IpAddr) -> u128 {
  match address {
    IpAddr::V4(address) => u32::from(address).into(),
    IpAddr::V6(address) => address.into(),
  }
}
