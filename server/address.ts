/** Where a server listens: an IP address or a host name, and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}
