package dev.berth.proxmox;

import dev.berth.runtime.Mark;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends what cannot be taken back, and has no precondition of its own. Before it the guest's tags are written with the digest
 * of the configuration that was seen, which fails where anybody has changed the guest since, and where there is no quorum.
 * However long that took, the guest is looked at once more then, and what is to be done is sent shortly after that look (two
 * seconds unless set), or not at all: all by one node, in one conversation.
 */
final class Fence {
    private final Api api;
    private final Duration fresh;

    Fence(Api api, Spans spans) {
        this.api = api;
        this.fresh = spans.fresh();
    }

    /** What is sent. */
    interface Deed {
        Answer send(Talk talk, Api.Until until) throws InterruptedException;
    }

    /** What became of it. */
    sealed interface Way {
        /** It was not sent. */
        record Barred(String why) implements Way {}

        record Answered(Answer answer) implements Way {}

        /** It was sent, and may be carried out later. */
        record Unanswered(String why) implements Way {}
    }

    /**
     * Sends it, unless the guest was changed since it was seen, or is another one now.
     *
     * @throws Trouble if it was not sent, because nobody answered
     */
    Way pass(Looking.Found found, Mark mark, List<String> tags, Deed deed) throws InterruptedException {
        var sent = new AtomicBoolean();
        try {
            return api.change(talk -> {
                talk.cluster();
                Optional<String> bar = written(talk, found, tags);
                if (bar.isPresent()) {
                    return new Way.Barred(bar.get());
                }
                long looked = System.nanoTime();
                bar = changed(talk, found.guest(), mark);
                if (bar.isPresent()) {
                    return new Way.Barred(bar.get());
                }
                sent.set(true);
                return new Way.Answered(deed.send(talk, Api.Until.of(looked, fresh)));
            });
        } catch (Trouble trouble) {
            if (trouble.isClosed() || !sent.get()) {
                throw trouble;
            }
            return trouble.fault().mayHaveHappened()
                    ? new Way.Unanswered(trouble.fault().detail())
                    : new Way.Barred(trouble.fault().detail());
        }
    }

    /** Empty if nobody has changed the guest since it was seen, and the cluster takes changes. */
    private static Optional<String> written(Talk talk, Looking.Found found, List<String> tags)
            throws InterruptedException {
        try {
            Answer answer = talk.put(
                    found.guest().seat().path() + "/config", Map.of("tags", Tags.join(tags), "digest", found.digest()));
            return answer.isGood() ? Optional.empty() : Optional.of(answer.text());
        } catch (Trouble trouble) {
            if (!trouble.fault().mayHaveHappened()) {
                throw trouble;
            }
            return Optional.of(trouble.fault().detail());
        }
    }

    /** Empty if it is the one that is meant still, and the node speaks for its cluster still: both asked at once. */
    private Optional<String> changed(Talk talk, Guest guest, Mark mark) throws InterruptedException {
        String path = guest.seat().path() + "/config";
        try {
            Map<String, Answer> answers = talk.getAll(List.of(path, Talk.STATUS), fresh);
            Answer config = answers.get(path);
            Answer status = answers.get(Talk.STATUS);
            if (config == null || status == null) {
                return Optional.of(guest.ref() + " was not looked at again within " + fresh
                        + ", so nothing was sent; lastLookWithin allows a slow node more");
            }
            var unused = talk.cluster(status);
            if (!config.isGood()) {
                return Optional.of(config.text());
            }
            List<String> tags = Tags.split(Answer.text(config.data(), "tags"));
            boolean same = Listing.lock(config.data()).isEmpty()
                    && Tags.read(guest.number(), tags).mark().equals(Optional.of(mark));
            return same ? Optional.empty() : Optional.of(guest.ref() + " was changed at the last moment");
        } catch (Trouble trouble) {
            if (trouble.isClosed()) {
                throw trouble;
            }
            return Optional.of(trouble.fault().detail());
        }
    }
}
