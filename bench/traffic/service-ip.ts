import { Resolver } from "node:dns/promises";
import net from "node:net";

/** Where the Service would be. */
export const SERVICE_IP = "10.96.0.1";
/** What the bench's DNS server knows one ready pod by, each time another at random. */
export const ONE_POD = "service";

/**
 * From now on, whoever in this process connects to the address of the Service is connected to a ready pod, and stays there: what
 * kube-proxy does in the kernel, and as it does it, without a proxy on the way that would cost time.
 * @param dns HOST:PORT of the bench's DNS server
 */
export function routeServiceIp(dns: string): void {
  const resolver = new Resolver();
  resolver.setServers([dns]);
  const lookup: net.LookupFunction = (name, _, done) => {
    resolver.resolve4(name).then(
      (addresses) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      (error) => done(error, []),
    );
  };
  const { connect } = net;
  const routed = (to: net.TcpNetConnectOpts, onConnect: () => void): net.Socket =>
    connect(to.host === SERVICE_IP ? { ...to, host: ONE_POD, lookup } : to, onConnect);
  net.connect = routed as typeof net.connect;
}
