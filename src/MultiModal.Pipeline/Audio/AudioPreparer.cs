using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Cuts any recording into pieces that a speech engine accepts: it is decoded once to 16 kHz mono, silence is left out, and the rest
/// is cut in pauses and encoded compactly. Memory stays small for any length; on disk it needs 32 KB a second beside the pieces.
/// </summary>
/// <param name="options">The settings.</param>
/// <param name="programs">Runner of ffmpeg.</param>
/// <param name="model">The model that tells speech from noise; null to tell it by level.</param>
public sealed class AudioPreparer(IOptions<AudioOptions> options, ProgramRunner programs, SpeechModel? model = null)
{
    /// <summary>
    /// Version of the pieces, part of their key. Pieces that an earlier rule made stay good, so that a new <see cref="Rule"/> leaves it.
    /// </summary>
    public const string Version = "1";

    /// <summary>The rule by which speech is found by its level, and a recording whose channels cancel each other is decoded anew.</summary>
    private const string ByLevel = "level";

    private const string Wav = "audio/wav";
    private const string Flac = "audio/flac";

    private const string DamageNote = "The recording is damaged or ends early; what could be decoded was transcribed.";

    // The channels of a recording that is not this loud in their average may cancel each other. Speech is seldom so soft.
    private const double CancelledDb = -35;

    // The difference of two channels is louder than their average by this much only if they do.
    private const double LeastGainDb = 6;

    private const string CancelledNote =
        "The two channels of the recording cancel each other, so that their difference was transcribed in place of their sum.";

    // A rounded duration in the header, or an encoder's padding, is no damage.
    private const double MissingSeconds = 2;

    private readonly AudioOptions options = options.Value;
    private readonly Ffmpeg ffmpeg = new(programs, options.Value);

    /// <summary>
    /// The rule by which speech is found now, which is stored with the pieces, so that lost pieces are made again by it. Null stands for the rule of
    /// builds before there were several.
    /// </summary>
    public string Rule => model?.Weights is null ? ByLevel : SpeechModel.Name;

    /// <param name="filePath">Private temporary file that holds the original; its name is not used.</param>
    /// <param name="mediaType">Media type recognised from its content, null if unknown. It is used only where ffmpeg is missing.</param>
    /// <param name="request">Limits and options for the pieces.</param>
    /// <param name="workDirectory">Existing directory for the pieces, which the caller owns and deletes.</param>
    /// <param name="cancellationToken">Token that ends the work and its programs.</param>
    /// <returns>The pieces, or <c>no-speech</c>, <c>corrupt-audio</c>, <c>no-audio-track</c>, <c>audio-too-long</c>,
    /// <c>file-too-large</c>, <c>ffmpeg-missing</c>, <c>step-timed-out</c>.</returns>
    /// <exception cref="IOException">The work directory cannot be written to.</exception>
    public Task<Outcome<PreparedAudio>> PrepareAsync(
        string filePath, string? mediaType, AudioRequest request, string workDirectory, CancellationToken cancellationToken) =>
        PrepareAgainAsync(filePath, mediaType, request, Rule, workDirectory, cancellationToken);

    /// <summary>Cuts a recording as <see cref="PrepareAsync"/> does, by the rule that the pieces were made by that are made again.</summary>
    /// <param name="filePath">As for <see cref="PrepareAsync"/>.</param>
    /// <param name="mediaType">As for <see cref="PrepareAsync"/>.</param>
    /// <param name="request">As for <see cref="PrepareAsync"/>.</param>
    /// <param name="rule">The rule by which speech is found: a value that <see cref="Rule"/> had, or null.</param>
    /// <param name="workDirectory">As for <see cref="PrepareAsync"/>.</param>
    /// <param name="cancellationToken">As for <see cref="PrepareAsync"/>.</param>
    /// <returns>As of <see cref="PrepareAsync"/>.</returns>
    public async Task<Outcome<PreparedAudio>> PrepareAgainAsync(
        string filePath, string? mediaType, AudioRequest request, string? rule, string workDirectory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        filePath = Path.GetFullPath(filePath);
        var bytes = new FileInfo(filePath).Length;
        if (bytes == 0) return new Failure(FailureCodes.EmptyFile, "The file is empty. It may not have been uploaded completely. Drop it again.");
        if (bytes > options.MaxBytes) return AudioFailures.TooLarge(bytes, options.MaxBytes);

        await using var file = new FileStream(
            filePath, FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var start = new byte[12];
        var isWav = WavReader.IsWav(start.AsSpan(0, await file.ReadAtLeastAsync(start, start.Length, false, cancellationToken)));
        file.Position = 0;
        if (!ffmpeg.IsInstalled && !isWav) return await PassThroughAsync(file, mediaType, request, workDirectory, cancellationToken);

        await using var sum = new PcmRecording(Path.Combine(workDirectory, "decoded.pcm"));
        var decoded = await DecodeAsync(file, sum, Downmix.Sum, cancellationToken);
        if (!decoded.Succeeded) return decoded.Failure;
        if (rule is null || decoded.Value.Channels != 2 || SpeechMap.Loudest(sum.Levels) >= CancelledDb)
        {
            return await CutAsync(sum, request, rule, decoded.Value.Note, workDirectory, cancellationToken);
        }

        await using var difference = new PcmRecording(Path.Combine(workDirectory, "difference.pcm"));
        file.Position = 0;
        var again = await DecodeAsync(file, difference, Downmix.Difference, cancellationToken);
        return again.Succeeded && SpeechMap.Loudest(difference.Levels) >= SpeechMap.Loudest(sum.Levels) + LeastGainDb
            ? await CutAsync(difference, request, rule, Notes(CancelledNote, again.Value.Note), workDirectory, cancellationToken)
            : await CutAsync(sum, request, rule, decoded.Value.Note, workDirectory, cancellationToken);
    }

    /// <summary>Copies stretches of a piece that was prepared here.</summary>
    /// <param name="piecePath">The piece.</param>
    /// <param name="samples">The stretches of each sample.</param>
    /// <param name="workDirectory">Existing directory for temporary files, which the caller owns and deletes.</param>
    /// <param name="cancellationToken">Token that ends the work and its programs.</param>
    /// <returns>The samples of each, 16 kHz, mono and 16 bits without a header; or the reason why the piece cannot be decoded.</returns>
    internal async Task<Outcome<IReadOnlyList<byte[]>>> CutSamplesAsync(
        string piecePath, IReadOnlyList<IReadOnlyList<VoiceSpan>> samples, string workDirectory, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(piecePath, FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10, FileOptions.Asynchronous);
        await using var piece = new PcmRecording(Path.Combine(workDirectory, $"{Path.GetFileNameWithoutExtension(piecePath)}.pcm"));
        var decoded = await DecodeAsync(file, piece, Downmix.Sum, cancellationToken);
        if (!decoded.Succeeded) return decoded.Failure;
        var cut = new List<byte[]>(samples.Count);
        foreach (var spans in samples)
        {
            using var pcm = new MemoryStream();
            foreach (var span in spans)
            {
                var from = Math.Min(piece.SampleCount, (long)(span.StartSeconds * PcmFormat.SampleRate));
                var to = Math.Min(piece.SampleCount, (long)(span.EndSeconds * PcmFormat.SampleRate));
                await piece.CopyAsync(from, to, pcm, cancellationToken);
            }

            cut.Add(pcm.ToArray());
        }

        return cut;
    }

    /// <summary>Decodes a recording, by ffmpeg where it is installed and needed.</summary>
    private async Task<Outcome<DecodedTrack>> DecodeAsync(
        FileStream file, PcmRecording recording, Downmix downmix, CancellationToken cancellationToken)
    {
        Outcome<DecodedTrack> decoded = ffmpeg.IsInstalled
            ? await DecodeByFfmpegAsync(file, recording, downmix, cancellationToken)
            : await DecodeWavAsync(file, recording, downmix, cancellationToken);
        recording.Complete();
        return decoded;
    }

    private async Task<Outcome<DecodedTrack>> DecodeByFfmpegAsync(
        FileStream file, PcmRecording recording, Downmix downmix, CancellationToken cancellationToken)
    {
        // A program takes longer to start than a short recording takes to decode, so none is started for what a WAV header says.
        var wav = await WavReader.OpenAsync(file, cancellationToken);
        var probe = wav.Succeeded ? ProbeOf(wav.Value, file) : await ffmpeg.ProbeAsync(file.Name, cancellationToken);
        if (!probe.Succeeded) return probe.Failure;
        if (probe.Value.Seconds > options.MaxSeconds) return AudioFailures.TooLong(options.MaxSeconds);
        var damaged = wav.Succeeded && IsDecoded(wav.Value, file)
            ? await CopyAsync(file, recording, cancellationToken)
            : await ffmpeg.DecodeAsync(file.Name, recording, downmix, cancellationToken);
        return damaged.Succeeded
            ? new DecodedTrack(probe.Value.Channels, NoteOn(probe.Value, recording.Seconds, damaged.Value))
            : damaged.Failure;
    }

    private static Outcome<MediaProbe> ProbeOf(WavReader wav, Stream file) =>
        new MediaProbe((double)(wav.DataBytes ?? file.Length - file.Position) / wav.BytesPerSecond, HasPicture: false, wav.Channels);

    /// <summary>
    /// Whether the rest of the file is nothing but samples as ffmpeg would decode them. Of a file that ends early, or goes on after the samples,
    /// ffmpeg decides what counts.
    /// </summary>
    private static bool IsDecoded(WavReader wav, Stream file) =>
        wav.IsDecoded && wav.DataBytes is > 0 and { } bytes && bytes % PcmFormat.BytesPerSample == 0 && file.Position + bytes == file.Length;

    private async Task<Outcome<bool>> CopyAsync(Stream file, PcmRecording recording, CancellationToken cancellationToken) =>
        await recording.ReadFromAsync(file, options.MaxSeconds, cancellationToken) ? false : AudioFailures.TooLong(options.MaxSeconds);

    private static string? NoteOn(MediaProbe probe, double decodedSeconds, bool damaged)
    {
        var missing = probe.Seconds - decodedSeconds;
        return Notes(
            probe.HasPicture ? "Only the sound of this video was transcribed; its picture was not looked at." : null,
            damaged || missing > Math.Max(MissingSeconds, probe.Seconds * 0.02) ? DamageNote : null);
    }

    private static string? Notes(params string?[] notes)
    {
        var note = string.Join(' ', notes.OfType<string>());
        return note.Length == 0 ? null : note;
    }

    private async Task<Outcome<PreparedAudio>> CutAsync(
        PcmRecording recording, AudioRequest request, string? rule, string? note, string workDirectory, CancellationToken cancellationToken)
    {
        if (await FindSpeechAsync(recording, rule, cancellationToken) is not { } map) return new Failure(
            FailureCodes.NoSpeech,
            "Nobody speaks in this recording, or it is too quiet to be told from noise. If somebody speaks, make it louder and drop it again, lower "
                + "Audio:SpeechFloorDb, or set Audio:SpeechActivity to Level.");
        var levels = map.Levels;
        IReadOnlyList<FrameRange> kept = request.TrimSilence ? map.WithShortPauses(levels.Count, options) : [new FrameRange(0, levels.Count)];
        var sent = new List<float>(kept.Sum(range => range.Length));
        foreach (var range in kept)
        {
            for (var frame = range.Start; frame < range.End; frame++) sent.Add(levels[frame]);
        }

        var pieces = ChunkCutter.Cut(sent, map.ThresholdDb, request.ChunkSeconds, LongestPiece(request));
        if (request.TrimSilence)
        {
            pieces = [
                .. pieces.Select(piece => ChunkCutter.WithoutEdges(piece, sent, map.ThresholdDb, FrameRange.FramesOf(options.KeptSilenceSeconds)))];
        }

        var chunks = new List<AudioChunk>(pieces.Count);
        var stretches = request.MapsSpeech ? map.Stretches() : [];
        foreach (var piece in pieces)
        {
            var ranges = Samples(piece, kept, recording.SampleCount);
            var chunk = await EncodeAsync(recording, ranges, request, Path.Combine(workDirectory, $"chunk-{chunks.Count:D4}"), cancellationToken);
            chunks.Add(request.MapsSpeech ? chunk with { Speech = Within(ranges, stretches) } : chunk);
        }

        return new PreparedAudio(recording.Seconds, chunks.Sum(c => c.DurationSeconds), chunks, note, Waveform.Of(recording.Levels));
    }

    private async Task<SpeechMap?> FindSpeechAsync(PcmRecording recording, string? rule, CancellationToken cancellationToken)
    {
        if (rule is null or ByLevel || model?.Weights is not { } weights) return SpeechMap.FromLevels(recording.Levels, options);
        if (SpeechMap.Loudest(recording.Levels) < options.SpeechFloorDb) return null;
        var probabilities = await SpeechActivity.MeasureAsync(recording, weights, cancellationToken);
        return SpeechMap.FromProbabilities(recording.Levels, probabilities, options);
    }

    // Bytes are counted as WAV: FLAC is smaller except for noise, where its frame headers add less than half a percent.
    private static double LongestPiece(AudioRequest request) => Math.Max(1, Math.Min(
        request.Limits.MaxSeconds,
        (request.Limits.MaxBytes - (16 << 10)) / 1.005 / PcmFormat.BytesPerSecond));

    private static List<(long From, long To)> Samples(FrameRange piece, IReadOnlyList<FrameRange> kept, long sampleCount)
    {
        var samples = new List<(long From, long To)>();
        var sent = 0;
        foreach (var range in kept)
        {
            var from = range.Start + Math.Max(0, piece.Start - sent);
            var to = range.Start + Math.Min(range.Length, piece.End - sent);
            if (from < to) samples.Add(((long)from * LevelMeter.FrameSamples, Math.Min(sampleCount, (long)to * LevelMeter.FrameSamples)));
            sent += range.Length;
        }

        return samples;
    }

    /// <summary>The stretches of speech within the samples of a piece. A cut may lie within a stretch.</summary>
    private static List<SpeechStretch> Within(List<(long From, long To)> ranges, IReadOnlyList<FrameRange> stretches)
    {
        var within = new List<SpeechStretch>();
        foreach (var (from, to) in ranges)
        {
            foreach (var stretch in stretches)
            {
                var start = Math.Max(from, (long)stretch.Start * LevelMeter.FrameSamples);
                var end = Math.Min(to, (long)stretch.End * LevelMeter.FrameSamples);
                if (end > start) within.Add(new SpeechStretch(Math.Round(Seconds(start), 2), Math.Round(Seconds(end), 2)));
            }
        }

        return within;
    }

    private async Task<AudioChunk> EncodeAsync(
        PcmRecording recording, List<(long From, long To)> ranges, AudioRequest request, string pathWithoutExtension,
        CancellationToken cancellationToken)
    {
        var (path, mediaType) = (pathWithoutExtension + ".wav", Wav);
        await WavFile.WriteAsync(path, recording, ranges, cancellationToken);
        // FLAC is lossless and half the size; every engine takes WAV where ffmpeg is missing or fails.
        if (request.Limits.PreferredMediaType != Wav
            && (request.Limits.PreferredMediaType == Flac || request.Limits.MediaTypes.Contains(Flac))
            && ffmpeg.IsInstalled
            && await ffmpeg.EncodeFlacAsync(path, pathWithoutExtension + ".flac", cancellationToken))
        {
            File.Delete(path);
            (path, mediaType) = (pathWithoutExtension + ".flac", Flac);
        }

        var spans = new List<ChunkSpan>(ranges.Count);
        long sent = 0;
        foreach (var (from, to) in ranges)
        {
            spans.Add(new ChunkSpan(Seconds(sent), Seconds(from), Seconds(to - from)));
            sent += to - from;
        }

        return new AudioChunk(path, mediaType, Seconds(sent), new FileInfo(path).Length, spans);
    }

    private static double Seconds(long samples) => (double)samples / PcmFormat.SampleRate;

    private async Task<Outcome<DecodedTrack>> DecodeWavAsync(
        Stream file, PcmRecording recording, Downmix downmix, CancellationToken cancellationToken)
    {
        var opened = await WavReader.OpenAsync(file, cancellationToken, downmix);
        if (!opened.Succeeded) return opened.Failure;
        var reader = opened.Value;
        var resampler = new Resampler(reader.SampleRate);
        var samples = new float[16 << 10];
        var pcm = new List<short>(16 << 10);
        int read;
        while ((read = await reader.ReadAsync(samples, cancellationToken)) > 0)
        {
            resampler.Process(samples.AsSpan(0, read), pcm);
            await FlushAsync();
            if (recording.Seconds > options.MaxSeconds) return AudioFailures.TooLong(options.MaxSeconds);
        }

        resampler.Complete(pcm);
        await FlushAsync();
        return recording.SampleCount == 0 ? AudioFailures.Corrupt() : new DecodedTrack(reader.Channels, reader.EndedEarly ? DamageNote : null);

        async ValueTask FlushAsync()
        {
            // WAV and our own format are little-endian, as are all machines that .NET runs on today except one (s390x).
            await recording.AppendAsync(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(pcm)).ToArray(), cancellationToken);
            pcm.Clear();
        }
    }

    private static async Task<Outcome<PreparedAudio>> PassThroughAsync(
        Stream file, string? mediaType, AudioRequest request, string workDirectory, CancellationToken cancellationToken)
    {
        if (mediaType is null || !request.Limits.MediaTypes.Contains(mediaType))
        {
            return Missing("This format cannot be read without ffmpeg.");
        }

        if (file.Length > request.Limits.MaxBytes) return Missing(
            "The recording is too large to be sent in one piece, and only ffmpeg can cut this format.");
        var seconds = await MediaDuration.OfAsync(file, mediaType, cancellationToken);
        if (seconds > request.Limits.MaxSeconds) return Missing(
            "The recording is too long to be sent in one piece, and only ffmpeg can cut this format.");
        file.Position = 0;
        var path = Path.Combine(workDirectory, "chunk-0000" + AudioFileExtension.ForMediaType(mediaType));
        await using (var copy = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous))
        {
            await file.CopyToAsync(copy, cancellationToken);
        }

        return new PreparedAudio(
            seconds,
            seconds,
            [new AudioChunk(path, mediaType, seconds, file.Length, [])],
            mediaType.StartsWith("video/", StringComparison.Ordinal)
                ? "Only the sound of this file was transcribed; a picture was not looked at."
                : null);

        static Failure Missing(string why) => new(FailureCodes.FfmpegMissing, $"{why} Install ffmpeg (for example: apt-get install ffmpeg).");
    }

    /// <param name="Channels">Channels of the recording; 0 if that is unknown.</param>
    /// <param name="Note">What the reader of the report should know, or null.</param>
    private sealed record DecodedTrack(int Channels, string? Note);
}
