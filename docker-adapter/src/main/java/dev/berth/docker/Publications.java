package dev.berth.docker;

import com.github.dockerjava.api.model.ContainerPort;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Ports.Binding;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Publication;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ports as engines tell them. All addresses are written in four ways: no address, an empty one, {@code 0.0.0.0} and {@code
 * ::}, and Docker lists the last two side by side; here it is one publication without an address. What leads nowhere, has no
 * number yet, or is SCTP is left out.
 */
final class Publications {
    private static final Set<String> EVERYWHERE = Set.of("", "0.0.0.0", "::", "[::]");
    private static final int MOST = 65_535;

    private Publications() {}

    /** From a listing. */
    static List<Publication> of(ContainerPort @Nullable [] ports) {
        Set<Publication> all = new LinkedHashSet<>();
        for (ContainerPort port : ports == null ? new ContainerPort[0] : ports) {
            if (port == null || port.getPublicPort() == null || port.getPrivatePort() == null) {
                continue;
            }
            String type = port.getType() == null ? "tcp" : port.getType();
            add(all, type, port.getPublicPort(), port.getPrivatePort(), port.getIp());
        }
        return List.copyOf(all);
    }

    /** From an inspection, or a host configuration. */
    static List<Publication> of(@Nullable Ports ports) {
        Set<Publication> all = new LinkedHashSet<>();
        Map<ExposedPort, Binding[]> bindings = ports == null ? null : ports.getBindings();
        if (bindings != null) {
            bindings.forEach((inner, outer) -> {
                for (Binding binding : outer == null ? new Binding[0] : outer) {
                    OptionalInt port = binding == null ? OptionalInt.empty() : number(binding.getHostPortSpec());
                    if (port.isPresent()) {
                        add(all, inner.getProtocol().toString(), port.getAsInt(), inner.getPort(), binding.getHostIp());
                    }
                }
            });
        }
        return List.copyOf(all);
    }

    private static OptionalInt number(@Nullable String spec) {
        if (spec == null || spec.isEmpty() || spec.length() > 5 || !spec.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(spec));
    }

    private static void add(Collection<Publication> all, String type, int port, int inner, @Nullable String ip) {
        Optional<ResourceKind> kind = switch (type.toLowerCase(Locale.ROOT)) {
            case "tcp" -> Optional.of(ResourceKind.TCP_PORT);
            case "udp" -> Optional.of(ResourceKind.UDP_PORT);
            default -> Optional.empty();
        };
        if (kind.isPresent() && port >= 1 && port <= MOST && inner >= 1 && inner <= MOST) {
            Optional<String> address = Optional.ofNullable(ip).filter(told -> !EVERYWHERE.contains(told));
            all.add(new Publication(kind.get(), port, inner, address));
        }
    }

    static boolean isUdp(Publication publication) {
        return publication.kind().name().equals(ResourceKind.UDP_PORT.name());
    }

    static ExposedPort exposed(Publication publication) {
        return new ExposedPort(publication.inner(), isUdp(publication) ? InternetProtocol.UDP : InternetProtocol.TCP);
    }

    static Binding binding(Publication publication) {
        return publication
                .address()
                .map(ip -> Binding.bindIpAndPort(ip, publication.port()))
                .orElseGet(() -> Binding.bindPort(publication.port()));
    }
}
