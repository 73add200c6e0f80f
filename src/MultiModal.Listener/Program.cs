using System.Globalization;
using System.Text.Json;
using Whisper.net;
using Whisper.net.Logger;
using Whisper.net.Wave;

// Transcribes one recording with a Whisper model. The process lives for one recording, because the library is native and the model may come from
// anywhere, and it has no secret in its environment.
//   <model> <WAV of 16 kHz, mono, 16 bits> <language or auto> <threads>
// Names and terms to expect are read from standard input. Each segment is written as a line of JSON.
// Exit codes: 0 done, 2 wrong arguments, 3 the model cannot be loaded, 4 the recording cannot be read.
if (args is not [var model, var recording, var language, var threads])
{
    Console.Error.WriteLine("This program is started by the product itself, for one recording at a time.");
    return 2;
}

var vocabulary = await Console.In.ReadToEndAsync();
using var log = LogProvider.AddLogger((level, message) => Console.Error.Write($"{level}: {message}"));
try
{
    using var factory = WhisperFactory.FromPath(model);
    // The model is loaded here.
    var builder = factory.CreateBuilder().WithLanguage(language).WithThreads(int.Parse(threads, CultureInfo.InvariantCulture)).WithProbabilities();
    if (vocabulary.Trim() is { Length: > 0 } prompt) builder = builder.WithPrompt(prompt);
    await using var processor = builder.Build();
    await using var sound = File.OpenRead(recording);
    await foreach (var segment in processor.ProcessAsync(sound))
    {
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            start = segment.Start.TotalSeconds,
            end = segment.End.TotalSeconds,
            text = segment.Text,
            probability = segment.Probability,
            language = segment.Language,
        }));
    }

    return 0;
}
catch (Exception e) when (e is WhisperModelLoadException or DllNotFoundException)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}
catch (Exception e) when (e is CorruptedWaveException or NotSupportedWaveException)
{
    Console.Error.WriteLine(e.Message);
    return 4;
}
