package dev.berth.testkit.proxmox;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is asked about workers. */
final class TaskCalls {
    private static final Pattern UPID =
            Pattern.compile("UPID:([\\w-]+):[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\\s]+:[^:\\s]*:([^:\\s]+):");

    private TaskCalls() {}

    static Object ofCluster(Call call) {
        boolean all = call.may("/", "Sys.Audit");
        List<Object> rows = new ArrayList<>();
        for (Task task : latestFirst(call, task -> all || isOwn(call, task.caller.name()))) {
            Map<String, Object> row = row(task);
            row.put("saved", task.isRunning() ? "0" : "1");
            rows.add(row);
        }
        return rows;
    }

    static Object ofNode(Call call) {
        boolean all = call.may("/nodes/" + call.machine().name, "Sys.Audit");
        String source = call.find("source").orElse("archive");
        List<Task> found = latestFirst(
                call,
                task -> task.node.equals(call.machine().name)
                        && (all || isOwn(call, task.caller.name()))
                        && !(source.equals("archive") && task.isRunning())
                        && !(source.equals("active") && !task.isRunning())
                        && call.find("vmid").map(task.id::equals).orElse(true)
                        && call.find("typefilter").map(task.type::equals).orElse(true)
                        && call.find("since")
                                .map(since -> task.start.getEpochSecond() >= Long.parseLong(since))
                                .orElse(true)
                        && !(call.isSet("errors") && Task.isSuccess(task.exit())));
        int start = Integer.parseInt(call.find("start").orElse("0"));
        int limit = Integer.parseInt(call.find("limit").orElse("50"));
        List<Map<String, Object>> rows = found.stream()
                .skip(start)
                .limit(limit == 0 ? Long.MAX_VALUE : limit)
                .map(task -> {
                    Map<String, Object> row = row(task);
                    row.put("pid", task.pid);
                    row.put("pstart", task.clockTicks);
                    if (task.isRunning() || isToldLate(call, task)) {
                        row.remove("endtime");
                        row.put("status", "RUNNING");
                        row.put("saved", "0");
                        row.put("user", task.caller.name());
                        row.remove("tokenid");
                    }
                    return row;
                })
                .toList();
        return new Call.Page(rows, found.size());
    }

    private static List<Task> latestFirst(Call call, Predicate<Task> wanted) {
        List<Task> found = new ArrayList<>(
                call.cluster().tasks.all().stream().filter(wanted).toList());
        Collections.reverse(found);
        found.sort((one, other) -> Boolean.compare(other.isRunning(), one.isRunning()));
        return found;
    }

    /** Of pve-common's RESTEnvironment.pm: {@code active_workers} writes it down, which the start of a worker calls. */
    private static boolean isToldLate(Call call, Task task) {
        return call.cluster().tasks.listedLate
                && !task.isRunning()
                && call.cluster().tasks.all().stream()
                        .noneMatch(other -> other.node.equals(task.node) && other.start.isAfter(task.end()));
    }

    private static Map<String, Object> row(Task task) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("upid", task.upid());
        row.put("node", task.node);
        row.put("type", task.type);
        row.put("id", task.id);
        row.put("user", task.caller.user());
        if (!task.caller.token().isEmpty()) {
            row.put("tokenid", task.caller.token());
        }
        row.put("starttime", task.start.getEpochSecond());
        if (!task.isRunning()) {
            row.put("endtime", task.end().getEpochSecond());
            row.put("status", task.exit());
        }
        return row;
    }

    static Object status(Call call) throws Refusal {
        Task task = find(call);
        Map<String, Object> row = row(task);
        row.remove("endtime");
        row.put("pid", task.pid);
        row.put("pstart", task.clockTicks);
        row.put("status", task.isRunning() ? "running" : "stopped");
        if (!task.isRunning()) {
            row.put("exitstatus", task.exit());
        }
        return row;
    }

    static Object log(Call call) throws Refusal {
        List<String> lines = find(call).log;
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String line : lines.isEmpty() ? List.of("no content") : lines) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("n", rows.size() + 1);
            row.put("t", line);
            rows.add(row);
        }
        return new Call.Page(rows, rows.size());
    }

    static Object abort(Call call) throws Refusal {
        Task task = find(call, "Sys.Modify");
        call.cluster().tasks.abort(task);
        return Call.NOTHING;
    }

    private static Task find(Call call) throws Refusal {
        return find(call, "Sys.Audit");
    }

    private static Task find(Call call, String privilege) throws Refusal {
        String upid = call.value("upid");
        Matcher parts = UPID.matcher(upid);
        if (!parts.matches()) {
            throw Refusal.parameter("upid", "unable to parse worker upid");
        }
        if (!isOwn(call, parts.group(2))) {
            call.require("/nodes/" + call.machine().name, privilege);
        }
        return call.cluster()
                .tasks
                .find(upid)
                .filter(task -> task.node.equals(call.machine().name))
                .orElseThrow(() -> Refusal.parameter("upid", "no such task"));
    }

    /** A token sees its own only; a user sees those of its tokens too. */
    private static boolean isOwn(Call call, String owner) {
        return owner.equals(call.caller().name())
                || (call.caller().token().isEmpty()
                        && Caller.of(owner).user().equals(call.caller().user()));
    }
}
