package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a host may say of a guest that is to be made. */
class GuestSpecTest {
    /** What Berth sets itself, what overwrites, and what makes a guest that cannot be taken back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "vmid",
                "tags",
                "start",
                "force",
                "restore",
                "archive",
                "lock",
                "template",
                "protection",
                "ha-managed"
            })
    void parameterThatWouldKeepBerthFromTakingItBackIsRefused(String parameter) {
        GuestSpec spec = GuestSpec.container("pve1", "local:vztmpl/debian.tar.zst");

        assertThatThrownBy(() -> spec.with(parameter, "1"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(parameter);
        assertThat(spec.with("onboot", "1").parameters()).containsEntry("onboot", "1");
    }
}
