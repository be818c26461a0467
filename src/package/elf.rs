//! Whether a binary can run where it is to run: its architecture, and the glibc that it needs.

use object::Endianness;
use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader as _, Sym as _};

use crate::stack::Architecture;

/// The glibc of Amazon Linux 2023, on which `provided.al2023` stands: 2.34.
/// <https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html>
pub(super) const AMAZON_LINUX_2023: (u32, u32) = (2, 34);

/// Why a binary cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it is no 64-bit ELF binary: {0}")]
    NoElf(String),
    #[error("it is for {found}, and the function is for {wanted}")]
    Architecture { found: String, wanted: &'static str },
    #[error("`{symbol}` needs glibc {}.{}, and Amazon Linux 2023 has {}.{}", needs.0, needs.1, has.0, has.1)]
    Glibc { symbol: String, needs: (u32, u32), has: (u32, u32) },
}

impl Fault {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::NoElf(_) => None,
            Self::Architecture { .. } => Some("is `build.target` set in a .cargo/config.toml?".to_owned()),
            Self::Glibc { .. } => {
                Some("build with cargo-lambda (`pip install cargo-lambda`), which links against 2.34".to_owned())
            }
        }
    }
}

/// Checks that `binary` is for `architecture` and, where a glibc is given, needs none that is newer.
pub(super) fn check(binary: &[u8], architecture: Architecture, glibc: Option<(u32, u32)>) -> Result<(), Fault> {
    let header = FileHeader64::<Endianness>::parse(binary).map_err(no_elf)?;
    let endian = header.endian().map_err(no_elf)?;
    let (wanted, machine) = match architecture {
        Architecture::X86_64 => ("x86_64", elf::EM_X86_64),
        Architecture::Arm64 => ("arm64", elf::EM_AARCH64),
    };
    let found = header.e_machine(endian);
    if found != machine {
        let found = match found {
            elf::EM_X86_64 => "x86_64".to_owned(),
            elf::EM_AARCH64 => "arm64".to_owned(),
            other => format!("ELF machine {other:?}"),
        };
        return Err(Fault::Architecture { found, wanted });
    }
    match glibc {
        Some(has) => check_glibc(binary, has).map_err(no_elf)?.map_or(Ok(()), Err),
        None => Ok(()),
    }
}

/// The symbol with the newest need beyond `has`, if there is one.
fn check_glibc(binary: &[u8], has: (u32, u32)) -> object::Result<Option<Fault>> {
    let header = FileHeader64::<Endianness>::parse(binary)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, binary)?;
    let Some(versions) = sections.versions(endian, binary)? else { return Ok(None) };
    let symbols = sections.symbols(endian, binary, elf::SHT_DYNSYM)?;
    let mut worst = None;
    for (index, symbol) in symbols.enumerate() {
        // A weak symbol may be missing: it is null then, and the program looks before it calls.
        if symbol.st_bind() == elf::STB_WEAK || !symbol.is_undefined(endian) {
            continue;
        }
        let version = versions.version(versions.version_index(endian, index).index())?;
        let Some(needs) = version.and_then(|version| glibc_version(version.name())) else { continue };
        if needs > has && worst.as_ref().is_none_or(|(newest, _)| needs > *newest) {
            worst = Some((needs, String::from_utf8_lossy(symbols.symbol_name(endian, symbol)?).into_owned()));
        }
    }
    Ok(worst.map(|(needs, symbol)| Fault::Glibc { symbol, needs, has }))
}

/// `GLIBC_2.34` as numbers; also `GLIBC_2.2.5`, of which the first two tell enough.
fn glibc_version(name: &[u8]) -> Option<(u32, u32)> {
    let mut numbers = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn no_elf(error: object::Error) -> Fault {
    Fault::NoElf(error.to_string())
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    fn this_test() -> Vec<u8> {
        let path = std::env::current_exe().expect("a test knows its own path");
        std::fs::read(path).expect("a test can read itself")
    }

    fn other() -> Architecture {
        match Architecture::HOST {
            Architecture::X86_64 => Architecture::Arm64,
            Architecture::Arm64 => Architecture::X86_64,
        }
    }

    #[test]
    fn a_binary_of_this_machine_is_for_this_machine() {
        assert_eq!(check(&this_test(), Architecture::HOST, None), Ok(()));
    }

    #[test]
    fn a_binary_for_another_architecture_is_refused() {
        let fault = check(&this_test(), other(), None).unwrap_err();
        assert!(matches!(fault, Fault::Architecture { .. }), "{fault}");
    }

    #[test]
    fn a_binary_that_needs_a_newer_glibc_is_refused_by_the_symbol_that_needs_it() {
        let fault = check(&this_test(), Architecture::HOST, Some((2, 1))).unwrap_err();
        let Fault::Glibc { symbol, needs, has: (2, 1) } = fault else { panic!("{fault}") };
        assert!(!symbol.is_empty() && needs > (2, 1), "{symbol} {needs:?}");
    }

    #[test]
    fn a_script_is_no_binary() {
        let fault = check(b"#!/bin/sh\n", Architecture::HOST, None).unwrap_err();
        assert!(matches!(fault, Fault::NoElf(_)), "{fault}");
    }
}
