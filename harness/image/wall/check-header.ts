import { constants as elfyNames } from 'elfy';
import * as elf from '../elf-format';
import type { ImageErrorCode } from '../image-error';
import { needsBytes, refuse, type Subject } from './subject';
import { whatIsIt } from './what-is-it';

export type FileHeader = Record<keyof typeof elf.FILE_HEADER.fields, number> & { readonly xlen: elf.Xlen };

const BUILD_FOR_RISCV = 'Build it for RISC-V, little-endian, for example with riscv64-unknown-elf-gcc.';
const MAGIC = [0x7f, 0x45, 0x4c, 0x46];

const WRONG_TYPE: Readonly<Record<number, { code: ImageErrorCode; what: string; mend: string }>> = {
  [elf.FILE_TYPE.relocatable]: {
    code: 'not-linked',
    what: 'this is an object file (ET_REL): the linker has not given it addresses yet',
    mend: 'Link it: riscv64-unknown-elf-gcc -nostdlib -static -T guest.ld start.o main.o -o guest.elf',
  },
  [elf.FILE_TYPE.core]: {
    code: 'not-executable',
    what: 'this is a core dump (ET_CORE), not a program',
    mend: 'Give the program that dumped it.',
  },
};

const checkIdent = (subject: Subject): elf.Xlen => {
  const { bytes } = subject;
  if (!MAGIC.slice(0, bytes.length).every((byte, at) => bytes[at] === byte) || bytes.length === 0) {
    const { is, mend } = whatIsIt(bytes);
    refuse(subject, { code: 'not-elf', what: `the file is ${is}`, mend });
  }
  needsBytes(subject, 'ELF identification', 0, elf.IDENT.size);

  const classNumber = bytes[elf.IDENT.class]!;
  const xlen = elf.ELF_CLASS[classNumber as 1 | 2] as elf.Xlen | undefined;
  const place = (name: keyof typeof elf.IDENT) =>
    `ELF identification, ${name} (file offset 0x${elf.IDENT[name]})`;
  if (bytes[elf.IDENT.endianness] !== elf.LITTLE_ENDIAN)
    refuse(subject, {
      code: 'foreign-endianness',
      what:
        bytes[elf.IDENT.endianness] === 2 ? 'the image is big-endian' : 'the image has no valid endianness',
      where: place('endianness'),
      mend: BUILD_FOR_RISCV,
    });
  if (bytes[elf.IDENT.version] !== elf.CURRENT_VERSION)
    refuse(subject, {
      code: 'foreign-version',
      what: `ELF version ${bytes[elf.IDENT.version]} does not exist (it is always 1)`,
      where: place('version'),
      mend: 'The file is damaged: build it or copy it again.',
    });
  return (
    xlen ??
    refuse(subject, {
      code: 'foreign-class',
      what: `ELF class ${classNumber} is neither 32-bit (1) nor 64-bit (2)`,
      where: place('class'),
      mend: 'The file is damaged: build it or copy it again.',
    })
  );
};

/**
 * Checks everything that the ELF header says about itself.
 * @throws ImageError
 */
export const checkHeader = (subject: Subject): FileHeader => {
  const xlen = checkIdent(subject);
  needsBytes(subject, elf.FILE_HEADER.title, 0, elf.FILE_HEADER.size[xlen]);
  const header = { ...elf.readStructure(subject.view, xlen, elf.FILE_HEADER, 0), xlen };
  const place = (field: keyof typeof elf.FILE_HEADER.fields) =>
    elf.fieldPlace(elf.FILE_HEADER, xlen, field, 0);

  if (header.machine !== elf.MACHINE_RISCV) {
    const machine = elfyNames.machine[header.machine] ?? `machine ${header.machine}`;
    refuse(subject, {
      code: 'foreign-machine',
      what: `the image is for ${machine}, not for RISC-V`,
      where: place('machine'),
      mend: BUILD_FOR_RISCV,
    });
  }
  const wrongType = WRONG_TYPE[header.type];
  if (wrongType !== undefined) refuse(subject, { ...wrongType, where: place('type') });
  if (header.type !== elf.FILE_TYPE.executable && header.type !== elf.FILE_TYPE.shared)
    refuse(subject, {
      code: 'not-executable',
      what: `ELF file type ${header.type} is not an executable`,
      where: place('type'),
      mend: 'Give the linker’s output, a static executable.',
    });
  if (header.version !== elf.CURRENT_VERSION)
    refuse(subject, {
      code: 'foreign-version',
      what: `ELF version ${header.version} does not exist (it is always 1)`,
      where: place('version'),
      mend: 'The file is damaged: build it or copy it again.',
    });
  return header;
};
