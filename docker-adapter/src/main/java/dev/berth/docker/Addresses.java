package dev.berth.docker;

import dev.berth.InvalidInputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/** Where engines listen. docker-java takes much for an address that leads elsewhere than it says. */
final class Addresses {
    private static final Set<String> SCHEMES = Set.of("unix", "tcp", "npipe");
    private static final int PLAIN = 2375;
    private static final int SECURED = 2376;

    private Addresses() {}

    /** Checks an address; a {@code tcp} one without a port gets that of Docker's command line. */
    static URI checked(URI address, boolean secured) {
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        boolean tcp = scheme.equals("tcp");
        // A file's path after two slashes loses its first part, which is taken for a host.
        boolean leads = tcp ? address.getHost() != null && address.getPort() != 0 : isPath(address);
        boolean plain =
                address.getRawUserInfo() == null && address.getRawQuery() == null && address.getRawFragment() == null;
        if (!SCHEMES.contains(scheme) || !leads || !plain) {
            throw InvalidInputException.of(
                    "engine's address",
                    shown(address),
                    "unix:///path, tcp://host:port or npipe:////./pipe/name, without user and query");
        }
        try {
            return tcp
                    ? new URI(scheme, null, address.getHost(), port(address, secured), address.getPath(), null, null)
                    : URI.create(scheme + ":" + address.getRawSchemeSpecificPart());
        } catch (URISyntaxException impossible) {
            throw InvalidInputException.of("engine's address", shown(address), "an address");
        }
    }

    private static boolean isPath(URI address) {
        return address.getRawAuthority() == null
                && address.getPath() != null
                && address.getPath().length() > 1;
    }

    private static int port(URI address, boolean secured) {
        if (address.getPort() > 0) {
            return address.getPort();
        }
        return secured ? SECURED : PLAIN;
    }

    /** As it may be shown: what comes before an at sign may be a secret, and so may what comes after a question mark. */
    static String shown(URI address) {
        String text = address.toString();
        int query = text.indexOf('?');
        String cut = query < 0 ? text : text.substring(0, query) + "?…";
        return cut.replaceFirst("//[^/]*@", "//…@");
    }
}
