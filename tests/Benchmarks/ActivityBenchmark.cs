using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Benchmarks;

/// <summary>
/// How much of a noisy recording is sent, and how much of its speech: told by level, and told by the model. Street noise and babble are made; music
/// is made, or taken from a folder. Speech is read from a folder of short recordings of people, or made by flite.
/// </summary>
/// <remarks>The arguments are the folder of speech and the folder of music. Any format that ffmpeg reads will do.</remarks>
internal static class ActivityBenchmark
{
    private const int Rate = 16_000;
    private const double Seconds = 110;
    private const double SpokenShare = 0.6;

    /// <summary>Level of the speech, in dBFS.</summary>
    private const double VoiceDb = -24;

    // What the model must keep of the speech and may send of the rest, at 10 dB of street noise.
    private const double LeastKept = 0.985;
    private const double MostSent = 1.25;

    private static readonly ProgramRunner Programs = new(TimeProvider.System);

    public static async Task<bool> RunAsync(string[] folders, CancellationToken cancellationToken)
    {
        using var work = new TemporaryFolder();
        var clips = folders.Length > 0 ? await ReadAllAsync(folders[0], 400, cancellationToken) : await SpokenAsync(work, cancellationToken);
        var random = new Random(16);
        float[][] voices = [.. clips.Select(Trimmed).Where(clip => clip.Length is > Rate and < 8 * Rate).OrderBy(_ => random.Next())];
        if (voices.Length < 10) throw new InvalidOperationException("This needs ten recordings of 1 to 8 seconds.");
        var music = folders.Length > 1 ? (await ReadAllAsync(folders[1], 1, cancellationToken))[0] : Music();
        var (speech, said) = Conversation(voices, random);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{voices.Length} recordings; {Seconds:F0} s with {said.Count(s => s) / (double)Rate:F0} s of speech"));
        Console.WriteLine("| noise | dB | by level: sent | of the speech | by the model: sent | of the speech |");
        var good = true;
        foreach (var (name, noise) in new (string, float[])[] { ("street", Street(random)), ("music", music), ("babble", Babble(voices, random)) })
        {
            foreach (var db in new[] { 20, 10, 5 })
            {
                var mixed = Mix(speech, said, noise, db);
                var byLevel = await SentAsync(work, mixed, said, SpeechActivityMethod.Level, cancellationToken);
                var byModel = await SentAsync(work, mixed, said, SpeechActivityMethod.Model, cancellationToken);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {db} | {byLevel.Seconds:F0} s | {byLevel.Kept:P1} | {byModel.Seconds:F0} s | {byModel.Kept:P1} |"));
                good &= name != "street" || db < 10 || (byModel.Kept >= LeastKept && byModel.Seconds <= MostSent * byModel.Spoken);
            }

            var alone = Mix(new float[speech.Length], said, noise, 10);
            var noiseByLevel = await SentAsync(work, alone, said, SpeechActivityMethod.Level, cancellationToken);
            var noiseByModel = await SentAsync(work, alone, said, SpeechActivityMethod.Model, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {name} | no speech | {noiseByLevel.Seconds:F0} s | | {noiseByModel.Seconds:F0} s | |"));
        }

        foreach (var level in new[] { -40, -50, -62, -70 })
        {
            var soft = await SentAsync(work, Scaled(speech, level - VoiceDb), said, SpeechActivityMethod.Model, cancellationToken);
            var softByLevel = await SentAsync(work, Scaled(speech, level - VoiceDb), said, SpeechActivityMethod.Level, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| none | at {level} dBFS | {softByLevel.Seconds:F0} s | {softByLevel.Kept:P1} | {soft.Seconds:F0} s | {soft.Kept:P1} |"));
        }

        await ClipsAsync(work, voices, cancellationToken);
        await CostAsync(work, speech, said, cancellationToken);
        return good;
    }

    /// <summary>How many recordings of a single short sentence are taken for speech.</summary>
    private static async Task ClipsAsync(TemporaryFolder work, float[][] voices, CancellationToken cancellationToken)
    {
        foreach (var seconds in new[] { 0.3, 0.5, 1.0 })
        {
            var (byLevel, byModel) = (0, 0);
            foreach (var voice in voices.Take(60))
            {
                var clip = voice[..(int)(seconds * Rate)];
                if ((await SentAsync(work, clip, new bool[clip.Length], SpeechActivityMethod.Level, cancellationToken)).Seconds > 0) byLevel++;
                if ((await SentAsync(work, clip, new bool[clip.Length], SpeechActivityMethod.Model, cancellationToken)).Seconds > 0) byModel++;
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"first {seconds:F1} s of {Math.Min(60, voices.Length)} recordings: speech by level {byLevel}, by the model {byModel}"));
        }
    }

    private static async Task CostAsync(TemporaryFolder work, float[] speech, bool[] said, CancellationToken cancellationToken)
    {
        var tenMinutes = Enumerable.Repeat(speech, 6).SelectMany(s => s).ToArray();
        var minutes = tenMinutes.Length / (60.0 * Rate);
        foreach (var method in new[] { SpeechActivityMethod.Level, SpeechActivityMethod.Model })
        {
            await SentAsync(work, speech, said, method, cancellationToken);
            using var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            await SentAsync(work, tenMinutes, [.. Enumerable.Repeat(said, 6).SelectMany(s => s)], method, cancellationToken);
            process.Refresh();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"CPU by {method}: {(process.TotalProcessorTime - before).TotalMilliseconds / minutes:F0} ms a minute of sound"));
        }
    }

    private static async Task<(double Seconds, double Kept, double Spoken)> SentAsync(
        TemporaryFolder work, float[] sound, bool[] said, SpeechActivityMethod method, CancellationToken cancellationToken)
    {
        var options = Options.Create(new AudioOptions { SpeechActivity = method });
        var folder = Directory.CreateDirectory(work[Guid.NewGuid().ToString("N")]).FullName;
        var wav = Path.Combine(folder, "mixed.wav");
        await File.WriteAllBytesAsync(
            wav, Wav.Of([.. sound.Select(s => (short)Math.Clamp(MathF.Round(s * 32768), short.MinValue, short.MaxValue))], Rate), cancellationToken);
        var limits = new SpeechLimits(1 << 30, double.PositiveInfinity, ["audio/wav"], "audio/wav");
        var prepared = await new AudioPreparer(options, Programs, new SpeechModel(options)).PrepareAsync(
            wav, "audio/wav", new AudioRequest(limits, 3600, TrimSilence: true), folder, cancellationToken);
        var spoken = said.Count(s => s);
        if (!prepared.Succeeded) return (0, 0, spoken / (double)Rate);
        var kept = 0;
        foreach (var span in prepared.Value.Chunks.SelectMany(chunk => chunk.Spans))
        {
            var (from, to) = ((int)(span.OriginalStart * Rate), (int)((span.OriginalStart + span.Seconds) * Rate));
            kept += said.AsSpan(from, Math.Min(to, said.Length) - from).Count(true);
        }

        Directory.Delete(folder, recursive: true);
        return (prepared.Value.SentSeconds, spoken == 0 ? 0 : (double)kept / spoken, spoken / (double)Rate);
    }

    /// <summary>Recordings at one level, in threes with short pauses between them, and long pauses after them.</summary>
    private static (float[] Sound, bool[] Said) Conversation(float[][] voices, Random random)
    {
        var sound = new float[(int)(Seconds * Rate)];
        var said = new bool[sound.Length];
        var spoken = 0;
        var at = Rate;
        for (var next = 0; ; next = (next + 1) % voices.Length)
        {
            var voice = Scaled(voices[next], VoiceDb - Db(voices[next], null));
            if (at + voice.Length > sound.Length) return (sound, said);
            voice.CopyTo(sound, at);
            said.AsSpan(at, voice.Length).Fill(true);
            at += voice.Length;
            spoken += voice.Length;
            at += next % 3 < 2 ? (int)(Rate * (0.2 + (0.4 * random.NextDouble()))) : Math.Max(3 * Rate, (int)((spoken / SpokenShare) - at));
        }
    }

    /// <summary>Rumble and hiss, and cars that come and go.</summary>
    private static float[] Street(Random random)
    {
        var sound = new float[(int)(Seconds * Rate)];
        double rumble = 0, tyres = 0;
        for (var i = 0; i < sound.Length; i++)
        {
            rumble = (0.995 * rumble) + (0.1 * Normal(random));
            tyres = (0.7 * tyres) + (0.3 * Normal(random));
            sound[i] = (float)((0.5 * rumble) + (0.15 * tyres));
        }

        for (var car = 0; car < 14; car++)
        {
            var (middle, width) = (random.Next(sound.Length), Rate * (1 + (2 * random.NextDouble())));
            var strength = 0.5 + (1.5 * random.NextDouble());
            double engine = 0;
            for (var i = (int)Math.Max(0, middle - (4 * width)); i < Math.Min(sound.Length, middle + (4 * width)); i++)
            {
                engine = (0.9 * engine) + (0.2 * Normal(random));
                var near = Math.Exp(-0.5 * Math.Pow((i - middle) / width, 2));
                sound[i] += (float)(strength * near * (engine + (0.3 * Math.Sin(i * 2 * Math.PI * (80 + (10 * near)) / Rate))));
            }
        }

        return sound;
    }

    /// <summary>Chords of four seconds, with a beat.</summary>
    private static float[] Music()
    {
        var sound = new float[(int)(Seconds * Rate)];
        double[][] chords = [[220, 277.2, 329.6], [246.9, 311.1, 370], [196, 246.9, 293.7], [174.6, 220, 261.6]];
        for (var i = 0; i < sound.Length; i++)
        {
            var time = i / (double)Rate;
            var beat = Math.Exp(-6 * (time % 0.5));
            foreach (var tone in chords[(int)(time / 4) % chords.Length])
            {
                for (var harmonic = 1; harmonic <= 4; harmonic++) sound[i] += (float)(Math.Sin(2 * Math.PI * tone * harmonic * time) / harmonic * (0.3 + beat));
            }
        }

        return sound;
    }

    /// <summary>Twelve people who speak at once.</summary>
    private static float[] Babble(float[][] voices, Random random)
    {
        var sound = new float[(int)(Seconds * Rate)];
        for (var person = 0; person < 12; person++)
        {
            for (var at = random.Next(Rate); at < sound.Length;)
            {
                var voice = voices[random.Next(voices.Length)];
                var gain = (float)Math.Pow(10, (VoiceDb - Db(voice, null)) / 20);
                for (var i = 0; i < voice.Length && at < sound.Length; i++, at++) sound[at] += voice[i] * gain;
            }
        }

        return sound;
    }

    private static float[] Mix(float[] speech, bool[] said, float[] noise, double db)
    {
        var gain = (float)Math.Pow(10, (VoiceDb - db - Db(noise, null)) / 20);
        return [.. speech.Select((sample, i) => sample + (noise[i % noise.Length] * gain))];
    }

    private static float[] Scaled(float[] sound, double db)
    {
        var gain = (float)Math.Pow(10, db / 20);
        return [.. sound.Select(sample => sample * gain)];
    }

    private static double Db(float[] sound, bool[]? where)
    {
        double sum = 0;
        var count = 0;
        for (var i = 0; i < sound.Length; i++)
        {
            if (where is not null && !where[i]) continue;
            sum += sound[i] * sound[i];
            count++;
        }

        return 10 * Math.Log10((sum / Math.Max(1, count)) + 1e-12);
    }

    /// <summary>A recording without the silence at its ends.</summary>
    private static float[] Trimmed(float[] clip)
    {
        if (clip.Length == 0) return clip;
        var audible = clip.Max(Math.Abs) * 0.03f;
        var first = Array.FindIndex(clip, sample => Math.Abs(sample) >= audible);
        var last = Array.FindLastIndex(clip, sample => Math.Abs(sample) >= audible);
        return first < 0 ? [] : clip[first..(last + 1)];
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static async Task<List<float[]>> SpokenAsync(TemporaryFolder work, CancellationToken cancellationToken)
    {
        await RecordedSpeech.MakeAsync(work.Path, seconds: 1, seed: 16, shortestPause: 1, longestPause: 1);
        return await ReadAllAsync(work.Path, 400, cancellationToken);
    }

    private static async Task<List<float[]>> ReadAllAsync(string folder, int most, CancellationToken cancellationToken)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var random = new Random(7);
        var sounds = new List<float[]>();
        foreach (var file in files.OrderBy(_ => random.Next()).Take(most))
        {
            var decoded = await Programs.RunAsync(
                new ProgramCall("ffmpeg", ["-nostdin", "-v", "error", "-i", file, "-ac", "1", "-ar", "16000", "-f", "s16le", "-"])
                {
                    OutputLimit = 64 << 20,
                },
                cancellationToken);
            if (decoded.Succeeded) sounds.Add([.. MemoryMarshal.Cast<byte, short>(decoded.Output.Span).ToArray().Select(s => s / 32768f)]);
        }

        return sounds;
    }
}
