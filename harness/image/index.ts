export { loadImage, type LoadImageOptions } from './load-image';
export type { LoadedImage, SourceLine } from './loaded-image';
export type { MachineFlags } from './machine-flags';
export type { ImageSymbol, SymbolTable } from './symbols';
export { ImageError, type ImageErrorCode } from './image-error';
