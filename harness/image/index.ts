export { bootImage, type BootParts } from './boot-image';
export { fileOf, withFile, type ElfSource, type ImageSource, type RawSource } from './image-source';
export { loadImage, loadInitrd, type LoadImageOptions } from './load-image';
export type { LoadedImage, SourceLine } from './loaded-image';
export type { MachineFlags } from './machine-flags';
export type { ImageSymbol, SymbolTable } from './symbols';
export { ImageError, type ImageErrorCode } from './image-error';
export { readImageFile } from './read-image-file';
