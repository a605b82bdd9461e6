package dev.berth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Commit;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.ResourceKind;
import dev.berth.sync.Digest;
import dev.berth.sync.RowShape;
import dev.berth.sync.SyncTable;
import dev.berth.sync.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What hostile input once brought out of Berth that was no answer for its caller. */
class HostileInputTest {
    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\r\nERROR b", "\u0000", "\u001b[31m", "\u202e", "\u2028", "\ud800"})
    void messageIsOneLineOfWhatCanBeSeen(String given) {
        var exception = new BerthException("no instance " + given);

        assertThat(exception.getMessage())
                .startsWith("no instance ")
                .contains("\\u")
                .matches(text -> text.chars().noneMatch(c -> c < ' ' || c == 0x202e || c == 0x2028 || c == 0xd800));
    }

    @Test
    void messageIsCutWhereItIsTooLong() {
        assertThat(new BerthException("x".repeat(1 << 20), new IllegalStateException()))
                .hasMessageEndingWith("… (1048576 characters)")
                .hasMessageMatching(".{4000,4100}");
    }

    @Test
    void messageOfOtherLanguagesStaysAsItIs() {
        assertThat(new BerthException("Gr\u00fc\u00dfe, \u4e2d\u6587, \ud83d\ude00"))
                .hasMessage("Gr\u00fc\u00dfe, \u4e2d\u6587, \ud83d\ude00");
    }

    @Test
    void nullAmongManyIsRefusedByName() {
        assertThatThrownBy(() -> new Refusal(Owner.of("lab", "app"), Arrays.asList((dev.berth.ledger.Obstacle) null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("obstacles: given null");
        assertThatThrownBy(() -> Commit.of((Commit.ClaimWrite[]) null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Commit.of((Commit.ClaimWrite) null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> SyncTable.named("t").key("a", null)).isInstanceOf(InvalidInputException.class);
    }

    /** Java's own time for one grows with its square. */
    @Test
    void patternThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> ResourceKind.named("thing").matching("x".repeat(1 << 20), "x"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("at most 10000 characters");
    }

    @Test
    void digestOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> Digest.from(new byte[15])).isInstanceOf(InvalidInputException.class);
        assertThat(Digest.from(new byte[16]).bytes()).isEqualTo(new byte[16]);
    }

    @Test
    void keyOfAMemberThatIsNotThereIsRefused() {
        var plain = new RowShape.Plain("k", ValueType.TEXT);
        assertThatThrownBy(() -> new RowShape("t", List.of(plain), List.of(plain), List.of(1), Optional.empty()))
                .isInstanceOf(InvalidInputException.class);
    }
}
