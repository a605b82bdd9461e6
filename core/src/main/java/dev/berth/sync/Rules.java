package dev.berth.sync;

/**
 * What the caller has decided.
 *
 * @param conflicts who wins where both sides have changed a row
 * @param deletes who wins where one side has deleted what the other has changed
 * @param strangers what rows are that both have and nobody knows the history of
 * @param capture how local changes are found
 * @param remoteCapture how remote changes are found
 * @param limit how many deletes are carried that nobody has noted
 * @param batch how many rows travel in one transaction
 */
record Rules(
        ConflictPolicy conflicts,
        DeletePolicy deletes,
        FirstMeeting strangers,
        Capture capture,
        Capture remoteCapture,
        Brake.Limit limit,
        int batch) {
    /** How changes are found that travel this way. */
    Capture capture(Direction direction) {
        return direction == Direction.PUSH ? capture : remoteCapture;
    }
}
