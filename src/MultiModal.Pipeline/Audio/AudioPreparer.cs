using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Cuts any recording into pieces that a speech engine accepts: it is decoded once to 16 kHz mono, silence is left out, and the rest
/// is cut in pauses and encoded compactly. Memory stays small for any length; on disk it needs 32 KB a second beside the pieces.
/// </summary>
public sealed class AudioPreparer(IOptions<AudioOptions> options, ProgramRunner programs)
{
    /// <summary>Version of the pieces. It changes whenever the same recording and options would make other pieces.</summary>
    public const string Version = "1";

    private const string Wav = "audio/wav";
    private const string Flac = "audio/flac";

    private const string DamageNote = "The recording is damaged or ends early; what could be decoded was transcribed.";

    // A rounded duration in the header, or an encoder's padding, is no damage.
    private const double MissingSeconds = 2;

    private readonly AudioOptions options = options.Value;
    private readonly Ffmpeg ffmpeg = new(programs, options.Value);

    /// <param name="filePath">Private temporary file that holds the original; its name is not used.</param>
    /// <param name="mediaType">Media type recognised from its content, null if unknown. It is used only where ffmpeg is missing.</param>
    /// <param name="request">Limits and options for the pieces.</param>
    /// <param name="workDirectory">Existing directory for the pieces, which the caller owns and deletes.</param>
    /// <param name="cancellationToken">Token that ends the work and its programs.</param>
    /// <returns>The pieces, or <c>no-speech</c>, <c>corrupt-audio</c>, <c>no-audio-track</c>, <c>audio-too-long</c>,
    /// <c>file-too-large</c>, <c>ffmpeg-missing</c>, <c>step-timed-out</c>.</returns>
    /// <exception cref="IOException">The work directory cannot be written to.</exception>
    public async Task<Outcome<PreparedAudio>> PrepareAsync(
        string filePath, string? mediaType, AudioRequest request, string workDirectory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        filePath = Path.GetFullPath(filePath);
        var bytes = new FileInfo(filePath).Length;
        if (bytes == 0) return new Failure(FailureCodes.EmptyFile, "The file is empty. It may not have been uploaded completely. Drop it again.");
        if (bytes > options.MaxBytes) return AudioFailures.TooLarge(bytes, options.MaxBytes);

        await using var recording = new PcmRecording(Path.Combine(workDirectory, "decoded.pcm"));
        await using var file = new FileStream(
            filePath, FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10, FileOptions.Asynchronous | FileOptions.SequentialScan);
        if (ffmpeg.IsInstalled)
        {
            // A program takes longer to start than a short recording takes to decode, so none is started for what a WAV header says.
            var wav = await WavReader.OpenAsync(file, cancellationToken);
            var probe = wav.Succeeded ? ProbeOf(wav.Value, file) : await ffmpeg.ProbeAsync(filePath, cancellationToken);
            if (!probe.Succeeded) return probe.Failure;
            if (probe.Value.Seconds > options.MaxSeconds) return AudioFailures.TooLong(options.MaxSeconds);
            var damaged = wav.Succeeded && IsDecoded(wav.Value, file)
                ? await CopyAsync(file, recording, cancellationToken)
                : await ffmpeg.DecodeAsync(filePath, recording, cancellationToken);
            if (!damaged.Succeeded) return damaged.Failure;
            return await CutAsync(recording, request, NoteOn(probe.Value, recording.Seconds, damaged.Value), workDirectory, cancellationToken);
        }

        var start = new byte[12];
        var isWav = WavReader.IsWav(start.AsSpan(0, await file.ReadAtLeastAsync(start, start.Length, false, cancellationToken)));
        file.Position = 0;
        if (!isWav) return await PassThroughAsync(file, mediaType, request, workDirectory, cancellationToken);
        var endedEarly = await DecodeWavAsync(file, recording, cancellationToken);
        if (!endedEarly.Succeeded) return endedEarly.Failure;
        return await CutAsync(recording, request, endedEarly.Value ? DamageNote : null, workDirectory, cancellationToken);
    }

    private static Outcome<MediaProbe> ProbeOf(WavReader wav, Stream file) =>
        new MediaProbe((double)(wav.DataBytes ?? file.Length - file.Position) / wav.BytesPerSecond, HasPicture: false);

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
        string?[] notes =
        [
            probe.HasPicture ? "Only the sound of this video was transcribed; its picture was not looked at." : null,
            damaged || missing > Math.Max(MissingSeconds, probe.Seconds * 0.02) ? DamageNote : null,
        ];
        var note = string.Join(' ', notes.OfType<string>());
        return note.Length == 0 ? null : note;
    }

    private async Task<Outcome<PreparedAudio>> CutAsync(
        PcmRecording recording, AudioRequest request, string? note, string workDirectory, CancellationToken cancellationToken)
    {
        recording.Complete();
        var levels = recording.Levels;
        if (SpeechMap.FromLevels(levels, options) is not { } map) return new Failure(
            FailureCodes.NoSpeech,
            "Nobody speaks in this recording, or it is too quiet to be told from noise. If somebody speaks, make it louder and drop it again, or "
                + "lower Audio:SpeechFloorDb.");
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
        foreach (var piece in pieces)
        {
            var ranges = Samples(piece, kept, recording.SampleCount);
            chunks.Add(await EncodeAsync(recording, ranges, request, Path.Combine(workDirectory, $"chunk-{chunks.Count:D4}"), cancellationToken));
        }

        return new PreparedAudio(recording.Seconds, chunks.Sum(c => c.DurationSeconds), chunks, note);
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

    private async Task<Outcome<bool>> DecodeWavAsync(Stream file, PcmRecording recording, CancellationToken cancellationToken)
    {
        var opened = await WavReader.OpenAsync(file, cancellationToken);
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
        return recording.SampleCount == 0 ? AudioFailures.Corrupt() : reader.EndedEarly;

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
}
