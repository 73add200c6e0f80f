namespace MultiModal.Pipeline;

/// <summary>The stable codes of failures, listed with their meaning in docs/errors.md.</summary>
public static class FailureCodes
{
    // Any item
    public const string EmptyFile = "empty-file";
    public const string UnknownFormat = "unknown-format";
    public const string EncodedContent = "encoded-content";
    public const string ChangedDuringRun = "changed-during-run";
    public const string UnreadableName = "unreadable-name";
    public const string FileTooLarge = "file-too-large";
    public const string Cancelled = "cancelled";
    public const string StepAbandoned = "step-abandoned";
    public const string StepTimedOut = "step-timed-out";
    public const string StepCrashed = "step-crashed";

    // Images
    public const string CorruptImage = "corrupt-image";
    public const string ImageTooLarge = "image-too-large";
    public const string UnsupportedImage = "unsupported-image";
    public const string UnsupportedSvg = "unsupported-svg";
    public const string TextIllegible = "text-illegible";
    public const string ImageIncomplete = "image-incomplete";

    // Audio
    public const string NoSpeech = "no-speech";
    public const string CorruptAudio = "corrupt-audio";
    public const string NoAudioTrack = "no-audio-track";
    public const string AudioTooLong = "audio-too-long";

    // Text
    public const string UndecodableText = "undecodable-text";
    public const string TextTooLarge = "text-too-large";
    public const string CorruptPdf = "corrupt-pdf";
    public const string EncryptedPdf = "encrypted-pdf";
    public const string UnreadablePdf = "unreadable-pdf";
    public const string PdftoppmMissing = "pdftoppm-missing";

    // Engines
    public const string EngineOff = "engine-off";
    public const string FfmpegMissing = "ffmpeg-missing";
    public const string TesseractMissing = "tesseract-missing";
    public const string PocketsphinxMissing = "pocketsphinx-missing";
    public const string WhisperMissing = "whisper-missing";
    public const string Uncertain = "uncertain";
    public const string SpeakersUnsupported = "speakers-unsupported";
    public const string SpeakersMany = "speakers-many";
    public const string SpeakersUnmatched = "speakers-unmatched";
    public const string EngineUnauthorized = "engine-unauthorized";
    public const string EngineUnreachable = "engine-unreachable";
    public const string EngineRateLimited = "engine-rate-limited";
    public const string EngineFault = "engine-fault";
    public const string EngineRejected = "engine-rejected";
    public const string EngineBadAnswer = "engine-bad-answer";
    public const string AnswerCut = "answer-cut";
    public const string DeploymentNotFound = "deployment-not-found";
    public const string ContentFiltered = "content-filtered";
    public const string PromptTooLong = "prompt-too-long";
    public const string PictureLost = "picture-lost";

    // Money
    public const string BudgetExceeded = "budget-exceeded";
    public const string ModelUnpriced = "model-unpriced";

    // Models, as warnings: no call is refused for them
    public const string ModelEndsSoon = "model-ends-soon";
    public const string ModelEnded = "model-ended";
    public const string FallbackServes = "fallback-serves";

    // Batches and runs
    public const string InvalidBatchOptions = "invalid-batch-options";
    public const string SupersededRun = "superseded";
    public const string NothingToSynthesize = "nothing-to-synthesize";

    // Hosts
    public const string StorageUnreachable = "storage-unreachable";
    public const string StorageDenied = "storage-denied";
    public const string OtherHostOwnsAccount = "other-host-owns-account";
    public const string OwnerLeaseLost = "owner-lease-lost";
    public const string InvalidSetting = "invalid-setting";
    public const string BatchHeld = "batch-held";
    public const string UploadIncomplete = "upload-incomplete";
    public const string UploadUnderWay = "upload-under-way";
    public const string NoSuchFolder = "no-such-folder";
    public const string BatchNotFound = "batch-not-found";
    public const string RunBroke = "run-broke";
    public const string InvalidBatchName = "invalid-batch-name";
    public const string OutputNotWritable = "output-not-writable";
    public const string FileNotAccessible = "file-not-accessible";
    public const string AddressNotAvailable = "address-not-available";
    public const string UnexpectedError = "unexpected-error";

    /// <summary>Whether an item that failed for this reason is of a kind that is not read here, which does not make its run partial.</summary>
    public static bool MeansUnsupported(string code) => code is UnknownFormat or UnsupportedSvg or EncodedContent;
}
