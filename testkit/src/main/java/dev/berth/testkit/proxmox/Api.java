package dev.berth.testkit.proxmox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The methods that fake nodes know. */
final class Api {
    private static final String[] CONTAINER_TEXTS = {
        "arch",
        "cmode",
        "description",
        "features",
        "hookscript",
        "lock",
        "nameserver",
        "ostype",
        "searchdomain",
        "startup",
        "timezone",
        "rootfs",
        "entrypoint",
        "env"
    };
    private static final String[] MACHINE_TEXTS = {
        "description",
        "ostype",
        "boot",
        "cpu",
        "agent",
        "bios",
        "machine",
        "scsihw",
        "startup",
        "vga",
        "smbios1",
        "args",
        "affinity",
        "hookscript",
        "lock",
        "nameserver",
        "searchdomain"
    };

    /** A route, and what the places of its path stand for in a request. */
    record Match(Route route, Map<String, String> places) {}

    private final List<Route> routes = new ArrayList<>();

    Api() {
        Call.Gate all = call -> {};
        Call.Gate audit = call -> call.require("/", "Sys.Audit");
        read("/version", false, all, Rules.none(), ClusterCalls::version);
        read("/nodes", false, all, Rules.none(), ClusterCalls::nodes);
        read("/cluster/status", true, audit, Rules.none(), ClusterCalls::status);
        read(
                "/cluster/resources",
                false,
                all,
                Rules.none().takes(Rules.oneOf("vm", "storage", "node", "sdn"), "type"),
                ClusterCalls::resources);
        read("/cluster/nextid", false, all, Rules.none().takes(Rules.ID, "vmid"), ClusterCalls::nextId);
        read("/cluster/tasks", false, all, Rules.none(), TaskCalls::ofCluster);
        read("/cluster/ha/resources", false, audit, Rules.none(), ClusterCalls::highlyAvailable);
        read("/pools", false, all, Rules.none(), ClusterCalls::pools);
        read(
                "/access/permissions",
                false,
                all,
                Rules.none().takes(Rules.TEXT, "path", "userid"),
                AccessCalls::permissions);
        add(
                "POST",
                "/access/ticket",
                true,
                all,
                Rules.none()
                        .needs("username", Rules.TEXT)
                        .needs("password", Rules.TEXT)
                        .takes(Rules.TEXT, "realm", "otp", "path", "privs", "tfa-challenge")
                        .takes(Rules.FLAG, "new-format"),
                AccessCalls::ticket);
        read("/nodes/{node}/version", false, all, Rules.none(), ClusterCalls::version);
        read("/nodes/{node}/certificates/info", false, all, Rules.none(), ClusterCalls::certificates);
        read(
                "/nodes/{node}/storage",
                true,
                all,
                Rules.none().takes(Rules.TEXT, "content", "storage", "target").takes(Rules.FLAG, "enabled", "format"),
                ClusterCalls::storagesOfNode);
        read(
                "/nodes/{node}/storage/{storage}/content",
                true,
                all,
                Rules.none().takes(Rules.TEXT, "content").takes(Rules.ID, "vmid"),
                ClusterCalls::content);
        tasks();
        for (GuestKind kind : GuestKind.values()) {
            guests(kind);
        }
    }

    private void tasks() {
        Call.Gate all = call -> {};
        read(
                "/nodes/{node}/tasks",
                false,
                all,
                Rules.none()
                        .takes(Rules.oneOf("archive", "active", "all"), "source")
                        .takes(Rules.ID, "vmid")
                        .takes(Rules.number(0, Long.MAX_VALUE), "limit", "start", "since", "until")
                        .takes(Rules.TEXT, "typefilter", "userfilter", "statusfilter")
                        .takes(Rules.FLAG, "errors"),
                TaskCalls::ofNode);
        read("/nodes/{node}/tasks/{upid}/status", true, all, Rules.none(), TaskCalls::status);
        read(
                "/nodes/{node}/tasks/{upid}/log",
                true,
                all,
                Rules.none()
                        .takes(Rules.number(0, Long.MAX_VALUE), "limit", "start")
                        .takes(Rules.FLAG, "download"),
                TaskCalls::log);
        add("DELETE", "/nodes/{node}/tasks/{upid}", true, all, Rules.none(), TaskCalls::abort);
    }

    private void guests(GuestKind kind) {
        Call.Gate all = call -> {};
        var calls = new GuestCalls(kind);
        String home = "/nodes/{node}/" + kind.type;
        String one = home + "/{vmid}";
        read(
                home,
                true,
                all,
                kind == GuestKind.MACHINE ? Rules.none().takes(Rules.FLAG, "full") : Rules.none(),
                calls::list);
        add("POST", home, true, all, creation(kind), new Creation(kind)::create);
        read(
                one + "/config",
                false,
                calls.gate("VM.Audit"),
                Rules.none().takes(Rules.FLAG, "current").takes(Rules.TEXT, "snapshot"),
                calls::config);
        add("PUT", one + "/config", true, calls::mayConfigure, configuration(kind), calls::configure);
        read(one + "/status/current", true, calls.gate("VM.Audit"), Rules.none(), calls::current);
        Call.Gate power = calls.gate("VM.PowerMgmt");
        Rules lock = Rules.none().takes(Rules.FLAG, "skiplock", "debug");
        add("POST", one + "/status/start", true, power, lock, calls::start);
        add(
                "POST",
                one + "/status/stop",
                true,
                power,
                Rules.none()
                        .takes(Rules.FLAG, "skiplock", "overrule-shutdown", "keepActive")
                        .takes(Rules.TEXT, "timeout"),
                calls::stop);
        add(
                "POST",
                one + "/status/shutdown",
                true,
                power,
                Rules.none()
                        .takes(Rules.FLAG, "forceStop", "skiplock", "keepActive")
                        .takes(Rules.number(0, Integer.MAX_VALUE), "timeout"),
                calls::shutdown);
        add(
                "DELETE",
                one,
                true,
                calls.gate("VM.Allocate"),
                Rules.none().takes(Rules.FLAG, "force", "purge", "destroy-unreferenced-disks", "skiplock"),
                calls::destroy);
    }

    private static Rules creation(GuestKind kind) {
        Rules rules = settings(kind)
                .needs("vmid", Rules.ID)
                .takes(Rules.TEXT, "pool", "storage", "bwlimit")
                .takes(Rules.FLAG, "start", "force", "unique", "ha-managed");
        return kind == GuestKind.CONTAINER
                ? rules.needs("ostemplate", Rules.TEXT)
                        .takes(Rules.TEXT, "password", "ssh-public-keys")
                        .takes(Rules.FLAG, "restore", "unprivileged", "ignore-unpack-errors")
                : rules.takes(Rules.TEXT, "archive");
    }

    private static Rules configuration(GuestKind kind) {
        return settings(kind).takes(Rules.TEXT, "delete", "digest", "revert");
    }

    private static Rules settings(GuestKind kind) {
        Rules rules = Rules.none()
                .takesDevices()
                .takes(Rules.DNS_NAME, kind.nameKey)
                .takes(Rules.TAGS, "tags")
                .takes(Rules.number(16, Integer.MAX_VALUE), "memory")
                .takes(Rules.number(1, 8192), "cores")
                .takes(Rules.FLAG, "onboot", "protection", "template", "debug")
                .takes(Rules.TEXT, "cpulimit", "cpuunits");
        return kind == GuestKind.CONTAINER
                ? rules.takes(Rules.TEXT, CONTAINER_TEXTS)
                        .takes(Rules.number(0, Integer.MAX_VALUE), "swap")
                        .takes(Rules.number(0, 6), "tty")
                        .takes(Rules.FLAG, "console")
                : rules.takes(Rules.TEXT, MACHINE_TEXTS).takes(Rules.number(1, 16), "sockets");
    }

    private void read(String path, boolean throughDaemon, Call.Gate gate, Rules rules, Call.Code code) {
        add("GET", path, throughDaemon, gate, rules, code);
    }

    private void add(String method, String path, boolean daemon, Call.Gate gate, Rules rules, Call.Code code) {
        routes.add(Route.of(method, path, daemon, gate, rules, code));
    }

    Optional<Match> find(String method, String path) {
        for (Route route : routes) {
            Optional<Map<String, String>> places = route.match(method, path);
            if (places.isPresent()) {
                return Optional.of(new Match(route, places.get()));
            }
        }
        return Optional.empty();
    }
}
