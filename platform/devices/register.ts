/** How a device's registers are described: data, from which headers, documentation and devices are derived. */
export interface Register {
  /** Bytes from the device's base address. */
  readonly offset: number;
  /** Width in bytes. */
  readonly size: 1 | 2 | 4 | 8;
  /** An access of the other kind is an access fault. */
  readonly access: 'read' | 'write' | 'read-write';
  readonly doc: string;
  /** Bytes from one of these registers to the next, where there is one for each hart, source or the like. */
  readonly stride?: number;
  /** Named bits and fields, as masks. */
  readonly bits?: Readonly<Record<string, number>>;
}

export interface DeviceLayout {
  readonly name: string;
  readonly doc: string;
  /** Bytes of address space that the registers take. */
  readonly size: number;
  readonly registers: Readonly<Record<string, Register>>;
}
