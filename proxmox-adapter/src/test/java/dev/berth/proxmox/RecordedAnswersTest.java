package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Answers that were recorded of real clusters, as the adapter reads them. */
class RecordedAnswersTest {
    private static final Pattern ANSWER =
            Pattern.compile("-----\\s+HTTP/1.1 (\\d{3}) .*?\\r?\\n\\r?\\n(.*)", Pattern.DOTALL);

    private static Answer recorded(String name) throws IOException {
        try (InputStream in = RecordedAnswersTest.class.getResourceAsStream("recorded/" + name + ".http")) {
            assertThat(in).as(name).isNotNull();
            Matcher answer = ANSWER.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(answer.find()).as(name).isTrue();
            return Answer.of(
                    "GET " + name,
                    Integer.parseInt(answer.group(1)),
                    answer.group(2).strip().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void clusterSaysWhoAnswersAndWhetherItHasQuorum() throws IOException {
        ClusterStatus good = ClusterStatus.of(recorded("021-cluster-status").data());
        assertThat(good.cluster()).contains("lab");
        assertThat(good.quorate()).isTrue();
        assertThat(good.local()).isEqualTo("pve1");
        assertThat(good.online().keySet()).containsExactlyInAnyOrder("pve1", "pve2", "pve3");

        assertThat(ClusterStatus.of(recorded("413-noquorum-cluster-status").data())
                        .quorate())
                .isFalse();
    }

    @Test
    void standAloneNodeIsItsOwnMajority() throws IOException {
        ClusterStatus alone =
                ClusterStatus.of(recorded("691-single-node-cluster-status").data());

        assertThat(alone.cluster()).isEmpty();
        assertThat(alone.quorate()).isTrue();
    }

    @Test
    void idIsFreeAsTextAndTakenAsAnError() throws IOException {
        assertThat(recorded("026-nextid-free").isGood()).isTrue();
        Answer taken = recorded("027-nextid-taken");
        assertThat(taken.status()).isEqualTo(400);
        assertThat(taken.errors()).containsKey("vmid");
    }

    @Test
    void legacyErrorsHaveNoTextAndMeanTheSame() throws IOException {
        Answer missing = recorded("602-legacy-5.1.2-missing-ct");
        assertThat(missing.isGood()).isFalse();
        assertThat(missing.fault(Answer.Purpose.READ)).isInstanceOf(Fault.Unknown.class);
        assertThat(recorded("033-lxc-config-on-wrong-node").fault(Answer.Purpose.READ))
                .isInstanceOf(Fault.Unknown.class);
        Answer wrong = recorded("603-legacy-5.1.2-400");
        assertThat(wrong.errors()).isNotEmpty();
        assertThat(wrong.fault(Answer.Purpose.WRITE)).isInstanceOf(Fault.Rejected.class);
    }

    @Test
    void nodeThatIsOffIsUnreachable() throws IOException {
        assertThat(recorded("354-pve3-killed-lxc-list").fault(Answer.Purpose.WRITE))
                .isInstanceOf(Fault.Unreachable.class);
    }

    @Test
    void taskThatHasStoppedIsNotOneThatIsDone() throws IOException {
        Answer stopped = recorded("278-start-locked-task");

        assertThat(Answer.text(stopped.data(), "status")).isEqualTo("stopped");
        assertThat(Answer.text(stopped.data(), "exitstatus")).isEqualTo("CT is locked (backup)");
    }

    @Test
    void guestsAreReadWithAndWithoutStatistics() throws Exception {
        Answer rows = recorded("451-pve3-offline-and-pve2-pvestatd-stopped-over-5min-resources-vm");
        var guests = Listing.rows(rows);

        assertThat(guests.keySet()).contains(100, 101, 102, 103, 105, 200);
        assertThat(guests).extractingByKey(103).satisfies(guest -> {
            assertThat(guest.name()).isEmpty();
            assertThat(guest.tags()).isEqualTo(List.of("ghost", "reap"));
            assertThat(guest.node()).isEqualTo("pve3");
        });
        assertThat(guests)
                .extractingByKey(105)
                .satisfies(guest -> assertThat(guest.lock()).contains("backup"));
        assertThat(guests)
                .extractingByKey(200)
                .satisfies(guest -> assertThat(guest.type()).isEqualTo(GuestType.QEMU));
    }

    @Test
    void locksAreReadFromConfigurations() throws IOException {
        assertThat(Listing.lock(recorded("644-config-while-creating").data())).contains("create");
        assertThat(Listing.lock(recorded("274-config-locked").data())).contains("backup");
    }

    @Test
    void anythingElseIsNoAnswer() {
        for (String body : List.of("", "<html>404</html>", "{\"data\":[{", "null", "[]", "\"x\"", "{\"success\":0}")) {
            assertThat(Answer.of("GET x", 200, body.getBytes(StandardCharsets.UTF_8))
                            .isGood())
                    .as(body)
                    .isFalse();
        }
    }
}
