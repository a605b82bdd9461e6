package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.DockerException;
import dev.berth.runtime.Fault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Docker 20.10 to 29 and Podman 4.3 to 5.8 said, word for word, and what it means. */
class FaultsTest {
    private static final String ID = "0123456789abcdef".repeat(4);

    private static Fault said(int status, String message) {
        return Faults.of(exception(status, "{\"message\":\"" + message.replace("\"", "\\\"") + "\"}"));
    }

    private static Fault podman(int status, String cause, String message) {
        return Faults.of(exception(
                status,
                "{\"cause\":\"" + cause + "\",\"message\":\"" + message.replace("\"", "\\\"") + "\",\"response\":"
                        + status + "}"));
    }

    private static DockerException exception(int status, String body) {
        return new DockerException(body + "\n", status);
    }

    @Test
    void aTakenNameNamesItsHolder() {
        Fault docker = said(
                409,
                "Conflict. The container name \"/lab-n\" is already in use by container \"" + ID
                        + "\". You have to remove (or rename) that container to be able to reuse that name.");
        Fault podman = podman(
                500,
                "that name is already in use",
                "container create: creating container storage: the container name \"lab-n\" is already in use by " + ID
                        + ". You have to remove that container to be able to reuse that name: that name is already in"
                        + " use");

        for (Fault fault : new Fault[] {docker, podman}) {
            assertThat(fault).isInstanceOf(Fault.NameHeld.class);
            assertThat(((Fault.NameHeld) fault).holder()).isEqualTo(Optional.of(ID));
            assertThat(fault.detail()).contains("lab-n").doesNotContain("\\");
        }
    }

    /** Docker takes 300 letters and more; and a name may look like an id. */
    @Test
    void theHolderOfALongNameOrOneLikeAnIdIsNamed() {
        for (String name : new String[] {"a".repeat(300), "a".repeat(1_000), "b".repeat(64)}) {
            Fault fault = said(
                    409,
                    "Conflict. The container name \"/" + name + "\" is already in use by container \"" + ID
                            + "\". You have to remove (or rename) that container to be able to reuse that name.");

            assertThat(fault).isInstanceOf(Fault.NameHeld.class);
            assertThat(((Fault.NameHeld) fault).holder()).contains(ID);
        }
    }

    @Test
    void aPodsNameIsTakenAndTheHolderIsNotSaid() {
        Fault fault =
                podman(500, "pod already exists", "container create: name \"lab-pod1\" is in use: pod already exists");

        assertThat(fault).isInstanceOf(Fault.NameHeld.class);
        assertThat(((Fault.NameHeld) fault).holder()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "driver failed programming external connectivity on endpoint lab-c (x): Bind for 127.0.0.1:32306 failed: port"
                        + " is already allocated",
                "driver failed programming external connectivity on endpoint lab-c (x): Error starting userland proxy:"
                        + " listen tcp4 0.0.0.0:32306: bind: address already in use",
                "driver failed programming external connectivity on endpoint lab-c (x): Error starting userland proxy:"
                        + " listen udp6 [::]:32306: bind: address already in use",
                "failed to set up container networking: driver failed programming external connectivity on endpoint lab-c"
                        + " (x): Bind for 0.0.0.0:32306 failed: port is already allocated",
                "failed to set up container networking: driver failed programming external connectivity on endpoint lab-c"
                        + " (x): failed to bind host port for 127.0.0.1:32306:172.17.0.3:80/tcp: address already in use",
                "failed to set up container networking: driver failed programming external connectivity on endpoint lab-c"
                        + " (x): failed to bind host port 127.0.0.1:32306/tcp: address already in use",
                "cannot listen on the TCP port: listen tcp4 :32306: bind: address already in use",
                "cannot listen on the UDP port: listen udp4 127.0.0.1:32306: bind: address already in use",
                "pasta failed with exit code 1:\\nFailed to bind port 32306 (Address already in use) for option '-t"
                        + " 127.0.0.1/32306-32306:80-80'\\n",
                "rootlessport listen tcp 127.0.0.1:32306: bind: address already in use"
            })
    void aTakenPortIsNamed(String message) {
        Fault fault = said(500, message);

        assertThat(fault).isInstanceOf(Fault.PortHeld.class);
        assertThat(((Fault.PortHeld) fault).ports()).isEqualTo(Set.of(32_306));
    }

    @Test
    void aContainersOwnAddressThatIsTakenIsNoPort() {
        assertThat(said(500, "failed to allocate the container's address: Address already in use"))
                .isInstanceOf(Fault.Unknown.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | No such image: nope:1 | Rejected",
                "400 | Invalid container name (-bad), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed | Rejected",
                "400 | invalid port specification: \"70000\" | Rejected",
                "400 | client version 1.44 is too new. Maximum supported API version is 1.41 | Rejected",
                "500 | driver failed: listen tcp4 10.9.9.9:80: bind: cannot assign requested address | Rejected",
                "404 | No such container: lab-n | Missing",
                "409 | removal of container 0a is already in progress | Busy",
                "409 | container is marked for removal and cannot be started | Busy",
                "409 | You cannot remove a running container 0a. Stop the container before removal | Busy",
                "409 | You cannot remove a restarting container 0a. Stop the container before attempting removal | Busy",
                "409 | cannot remove container \"/x\": container is running: stop the container before removing or force"
                        + " remove | Busy",
                "409 | cannot remove container \"/x\": container is paused and must be unpaused first | Busy",
                "409 | Container 0a is restarting, wait until the container is running | Busy",
                "500 | could not select device driver \"\" with capabilities: [[gpu]] | Rejected",
                "404 | network nope not found | Rejected",
                "500 | driver failed: Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: permission denied"
                        + " | Rejected",
                "500 | driver failed: PortManager.AddPort(): cannot expose privileged port 80, you can add | Rejected",
                "404 | page not found | Unknown",
                "500 | something new | Unknown",
                "503 | try again | Unknown",
            })
    void whatDockerSaysMeans(int status, String message, String fault) {
        assertThat(said(status, message).getClass().getSimpleName()).isEqualTo(fault);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | image not known | no such image: docker.io/library/nope:1: image not known | Rejected",
                "500 | invalid argument | names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument | Rejected",
                "404 | no such container | no container with name or ID \"lab-n\" found: no such container | Missing",
                "500 | no such container | container 0a does not exist in database: no such container | Missing",
                "500 | container state improper | cannot remove container 0a as it could not be stopped | Busy",
            })
    void whatPodmanSaysMeans(int status, String cause, String message, String fault) {
        assertThat(podman(status, cause, message).getClass().getSimpleName()).isEqualTo(fault);
    }

    @Test
    void anAnswerThatIsNoEnginesIsUnknown() {
        assertThat(Faults.of(exception(404, "<html>No such container: x</html>")))
                .isInstanceOf(Fault.Unknown.class);
        assertThat(Faults.of(exception(400, "Bad Request"))).isInstanceOf(Fault.Unknown.class);
    }

    @Test
    void anAbsenceIsOneOnlyInTheEnginesOwnWordsAndOfThatId() {
        String other = "f".repeat(64);
        assertThat(Faults.isAbsence(exception(404, "{\"message\":\"No such container: " + ID + "\"}"), ID))
                .isTrue();
        assertThat(Faults.isAbsence(exception(404, "{\"message\":\"No such container: " + other + "\"}"), ID))
                .isFalse();
        assertThat(Faults.isAbsence(exception(404, "{\"message\":\"page not found\"}"), ID))
                .isFalse();
        assertThat(Faults.isAbsence(exception(500, "{\"message\":\"No such container: " + ID + "\"}"), ID))
                .isFalse();
        assertThat(Faults.isAbsence(exception(404, "No such container: " + ID), ID))
                .isFalse();
    }

    @Test
    void whatWasNeverSentIsUnreachableAndTheRestIsUnknown() {
        assertThat(transport(new SocketException("No such file or directory"))).isInstanceOf(Fault.Unreachable.class);
        assertThat(transport(new ConnectException("Connection refused"))).isInstanceOf(Fault.Unreachable.class);
        assertThat(Faults.of(new IllegalStateException("Connection pool shut down")))
                .isInstanceOf(Fault.Unreachable.class);
        assertThat(transport(new SocketException("Connection reset"))).isInstanceOf(Fault.Unknown.class);
        assertThat(transport(new IOException("Broken pipe"))).isInstanceOf(Fault.Unknown.class);
        assertThat(transport(new SocketTimeoutException("Read timed out"))).isInstanceOf(Fault.Unknown.class);
        assertThat(Faults.of(new CancellationException())).isInstanceOf(Fault.Unknown.class);
    }

    private static Fault transport(IOException failure) {
        return Faults.of(new RuntimeException(failure));
    }
}
