package dev.berth.examples.inventory;

import java.util.List;

/**
 * What a scanner has found out about a domain. The scanner here makes it up, always the same for the same name: your own
 * asks the network.
 *
 * @param domain its name
 * @param registrar where it is registered
 * @param hosts hosts of it
 * @param records what the DNS says of it
 * @param serialNumber of its certificate
 * @param notAfter until when that is valid, a date
 */
record Finding(
        String domain,
        String registrar,
        List<Host> hosts,
        List<DnsRecord> records,
        String serialNumber,
        String notAfter) {
    /** A host and its address. */
    record Host(String name, String address) {}

    /** A record of the DNS. */
    record DnsRecord(String type, String value, int ttl) {}

    static Finding madeUp(String domain) {
        int seed = domain.hashCode() & 0xff;
        String address = "192.0.2." + seed;
        return new Finding(
                domain,
                "Registrar " + (char) ('A' + seed % 3),
                List.of(new Host("www." + domain, address), new Host("mail." + domain, "192.0.2." + (255 - seed))),
                List.of(
                        new DnsRecord("A", address, 3_600),
                        new DnsRecord("MX", "mail." + domain, 3_600),
                        new DnsRecord("TXT", "v=spf1 mx -all", 300)),
                "00-%08x".formatted(domain.hashCode()),
                "2027-0" + (1 + seed % 9) + "-01");
    }
}
