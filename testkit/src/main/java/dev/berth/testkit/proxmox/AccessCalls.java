package dev.berth.testkit.proxmox;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Signing in, and what one may. */
final class AccessCalls {
    private AccessCalls() {}

    static Object ticket(Call call) throws Refusal {
        Access access = call.cluster().access;
        String user = call.value("username")
                + call.find("realm").map(realm -> "@" + realm).orElse("");
        Optional<Caller> caller =
                access.byPassword(user, call.value("password"), call.cluster().now());
        if (caller.isEmpty()) {
            throw Refusal.atTheDoor(401, "authentication failure\n", Refusal.Body.JSON);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("username", user);
        answer.put("ticket", access.ticket(user, call.cluster().now()));
        answer.put("CSRFPreventionToken", access.csrfToken(user, call.cluster().now()));
        answer.put("cap", Privileges.capabilities(access, caller.get()));
        if (!call.cluster().isAlone()) {
            answer.put("clustername", call.cluster().name);
        }
        return answer;
    }

    static Object permissions(Call call) {
        Access access = call.cluster().access;
        return call.find("path")
                .map(path -> (Object) Map.of(path, Access.flags(access.privileges(call.caller(), path))))
                .orElseGet(() -> access.permissions(call.caller()));
    }
}
