/** What people hand over instead of an ELF file, by its first bytes. */
const IMPOSTORS: readonly { readonly starts: string; readonly is: string; readonly mend: string }[] = [
  { starts: '', is: 'empty', mend: 'Did the linker fail? Build it again.' },
  {
    starts: ':',
    is: 'an Intel HEX file',
    mend: 'Give the ELF file that it was made from (the linker’s output).',
  },
  {
    starts: 'S0',
    is: 'a Motorola S-record file',
    mend: 'Give the ELF file that it was made from (the linker’s output).',
  },
  { starts: '!<arch>', is: 'a static library', mend: 'Link it into an executable first.' },
  {
    starts: 'version https://git-lfs',
    is: 'a Git LFS pointer',
    mend: 'Fetch the file itself: git lfs pull.',
  },
  {
    starts: 'MZ\0\0zimg',
    is: 'a Linux kernel that unpacks itself with EFI (zboot)',
    mend: 'Give the kernel’s arch/riscv/boot/Image, as it is or compressed with gzip.',
  },
  {
    starts: 'MZ',
    is: 'a Windows executable',
    mend: 'Build with a RISC-V toolchain, for example riscv64-unknown-elf-gcc.',
  },
  {
    starts: '\xcf\xfa\xed\xfe',
    is: 'a macOS executable',
    mend: 'Build with a RISC-V toolchain, for example riscv64-unknown-elf-gcc.',
  },
  {
    starts: 'UF2\n',
    is: 'a UF2 file',
    mend: 'Give the ELF file that it was made from (the linker’s output).',
  },
];

const GENERIC_MEND =
  'Give the linker’s output; of a raw binary (objcopy -O binary) say what it is for: { raw: file, xlen: 64 }.';

/** Says what a file that does not start with ELF's magic number probably is. */
export const whatIsIt = (bytes: Uint8Array): { is: string; mend: string } => {
  const impostor = IMPOSTORS.find(({ starts }) =>
    starts === ''
      ? bytes.length === 0
      : [...starts].every((letter, at) => bytes[at] === letter.charCodeAt(0)),
  );
  if (impostor !== undefined) return impostor;
  const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { is: `not an ELF file (it starts with ${first}, not 7f 45 4c 46)`, mend: GENERIC_MEND };
};
