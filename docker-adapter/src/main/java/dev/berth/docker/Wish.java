package dev.berth.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Ports.Binding;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Publication;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the host wants, with what Berth adds: name, labels, ports. Checks what engines forget to check, or check only when a
 * container is there already. The host's command is as it was once this is closed, so that it can be used again.
 */
final class Wish implements AutoCloseable {
    /** Docker wants two characters, Podman one. */
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    /** What may be one; the rest is for Java to say, which asks no name server for what has a colon and begins so. */
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:][0-9a-fA-F:.]*");

    private static final Pattern PORTS = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
    private static final int MOST = 65_535;

    private final CreateContainerCmd command;
    private final @Nullable String name;
    private final @Nullable Map<String, String> labels;
    private final ExposedPort @Nullable [] exposed;
    private final HostConfig host;

    private Wish(CreateContainerCmd command) {
        this.command = command;
        this.name = command.getName();
        this.labels = command.getLabels();
        this.exposed = command.getExposedPorts();
        HostConfig config = command.getHostConfig();
        if (config == null) {
            throw new RefusedException("the command has no host configuration");
        }
        this.host = config;
        if (Boolean.TRUE.equals(config.getAutoRemove())) {
            throw new RefusedException(
                    "with auto-remove the engine would remove what ends, and what is stopped to be kept;"
                            + " take it from the host configuration, and remove the container by remove()");
        }
    }

    /** Adds what a deployment says to its command. */
    static Wish of(Deployment<CreateContainerCmd> deployment) {
        var wish = new Wish(deployment.spec());
        Map<String, String> all = wish.labelled(deployment.allLabels());
        Ports ports = wish.bound(deployment);
        deployment.name().ifPresent(Wish::checkName);
        Set<ExposedPort> opened =
                new LinkedHashSet<>(Arrays.asList(wish.exposed == null ? new ExposedPort[0] : wish.exposed));
        deployment.publications().forEach(publication -> opened.add(Publications.exposed(publication)));

        deployment.name().ifPresent(wish.command::withName);
        wish.command.withLabels(all);
        wish.command.withExposedPorts(opened.toArray(ExposedPort[]::new));
        // Several commands may share a host configuration, so it is never changed.
        wish.command.withHostConfig(HostConfigCopy.of(wish.host).withPortBindings(ports));
        return wish;
    }

    /** Creates it. */
    String exec() {
        return command.exec().getId();
    }

    @Override
    public void close() {
        // A command takes no null for what it had not; an empty name is none for engines.
        command.withName(name == null ? "" : name);
        command.withLabels(labels == null ? Map.of() : labels);
        command.withExposedPorts(exposed == null ? new ExposedPort[0] : exposed);
        command.withHostConfig(host);
    }

    private static void checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new RefusedException("\"" + name + "\" is no container's name: " + NAME + " are");
        }
    }

    private Map<String, String> labelled(Map<String, String> added) {
        Map<String, String> all = new TreeMap<>(labels == null ? Map.of() : labels);
        all.putAll(added);
        for (String key : all.keySet()) {
            if (key.isEmpty() || key.indexOf('=') >= 0) {
                throw new RefusedException("\"" + key + "\" is no key of a label: it is empty or has an equals sign");
            }
            if (Owners.labels().contains(key)) {
                throw new RefusedException("the label " + key
                        + " says that somebody else looks after the container, so Berth could never remove it");
            }
        }
        return all;
    }

    private Ports bound(Deployment<CreateContainerCmd> deployment) {
        var all = new Ports();
        Set<String> taken = new LinkedHashSet<>();
        Ports bindings = host.getPortBindings();
        Map<ExposedPort, Binding[]> own = bindings == null ? null : bindings.getBindings();
        if (own != null) {
            own.forEach((inner, outer) -> {
                for (Binding binding : outer == null ? new Binding[0] : outer) {
                    bind(all, taken, inner, binding);
                }
            });
        }
        for (Publication publication : deployment.publications()) {
            bind(all, taken, Publications.exposed(publication), Publications.binding(publication));
        }
        if (!deployment.publications().isEmpty()) {
            requireBridge();
        }
        return all;
    }

    private void requireBridge() {
        String mode = host.getNetworkMode();
        if (mode != null && (mode.equals("host") || mode.equals("none") || mode.startsWith("container:"))) {
            throw new RefusedException("with the network mode " + mode + " no ports are published, and "
                    + "engines say nothing of it; take the ports from the request, or another mode");
        }
    }

    private static void bind(Ports all, Set<String> taken, ExposedPort inner, Binding binding) {
        String ip = binding.getHostIp() == null ? "" : binding.getHostIp();
        String spec = binding.getHostPortSpec() == null ? "" : binding.getHostPortSpec();
        checkAddress(ip);
        checkPorts(spec);
        boolean chosen = !spec.isEmpty() && !spec.equals("0");
        if (chosen && !taken.add(inner.getProtocol() + " " + ip + " " + spec)) {
            throw new RefusedException("port " + spec + "/" + inner.getProtocol() + " is to be published twice");
        }
        all.bind(inner, binding);
    }

    /** Docker 20 to 28 take {@code not-an-ip}, and 20.10 then publishes on all addresses. */
    private static void checkAddress(String ip) {
        if (!ip.isEmpty() && !IPV4.matcher(ip).matches() && !isIpv6(ip)) {
            throw new RefusedException("\"" + ip
                    + "\" is no literal address to publish a port on, such as 127.0.0.1, or ::1 without brackets");
        }
    }

    private static boolean isIpv6(String ip) {
        if (ip.indexOf(':') < 0 || !IPV6.matcher(ip).matches()) {
            return false;
        }
        try {
            return InetAddress.getByName(ip).getAddress().length > 0;
        } catch (UnknownHostException no) {
            return false;
        }
    }

    /** Podman 4.3 makes 4464 of 70000. */
    private static void checkPorts(String spec) {
        Matcher ports = PORTS.matcher(spec);
        boolean good = spec.isEmpty()
                || (ports.matches()
                        && Integer.parseInt(ports.group(1)) <= MOST
                        && (ports.group(2) == null || Integer.parseInt(ports.group(2)) <= MOST));
        if (!good) {
            throw new RefusedException("\"" + spec + "\" is no port to publish: 1 to " + MOST + ", or a range of them");
        }
    }
}
