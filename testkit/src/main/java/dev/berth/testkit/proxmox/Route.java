package dev.berth.testkit.proxmox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A method of the API.
 *
 * @param throughDaemon whether the privileged daemon does it, and not the proxy itself
 */
record Route(
        String method,
        Pattern path,
        List<String> names,
        boolean throughDaemon,
        Call.Gate gate,
        Rules rules,
        Call.Code code) {
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");

    static Route of(String method, String path, boolean throughDaemon, Call.Gate gate, Rules rules, Call.Code code) {
        List<String> names = new ArrayList<>();
        Matcher places = PLACE.matcher(path);
        while (places.find()) {
            String name = places.group(1);
            names.add(name);
            rules.takes(name.equals("vmid") ? Rules.ID : Rules.TEXT, name);
        }
        Pattern pattern = Pattern.compile(PLACE.matcher(path).replaceAll("([^/]+)"));
        return new Route(method, pattern, List.copyOf(names), throughDaemon, gate, rules, code);
    }

    Optional<Map<String, String>> match(String asked, String target) {
        Matcher matcher = path.matcher(target);
        if (!method.equals(asked) || !matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            found.put(names.get(i), matcher.group(i + 1));
        }
        return Optional.of(found);
    }
}
