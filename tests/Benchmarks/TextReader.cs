using System.Globalization;
using System.Text;
using MultiModal.Pipeline.Programs;
using NetVips;

namespace MultiModal.Benchmarks;

/// <summary>
/// Reads pictures with tesseract. Small letters are enlarged twice, as the offline engine does, because tesseract takes letters of less than ten
/// pixels for dirt.
/// </summary>
internal sealed class TextReader
{
    /// <summary>Height of an x that tesseract reads well, in pixels.</summary>
    private const double BestHeight = 20;

    private const double MostEnlargement = 2;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    private readonly ProgramRunner programs = new(TimeProvider.System);

    /// <param name="image">The picture.</param>
    /// <param name="height">Height of an x in its smallest text, in pixels.</param>
    /// <param name="mode">How tesseract looks at the page (<c>--psm</c>).</param>
    /// <param name="cancellationToken">Token that ends the program.</param>
    public async Task<string> ReadAsync(Image image, double height, int mode, CancellationToken cancellationToken)
    {
        using var grey = image.Colourspace(Enums.Interpretation.Bw);
        using var large = grey.Resize(Math.Clamp(BestHeight / height, 1, MostEnlargement), kernel: Enums.Kernel.Cubic);
        using var bytes = large.Cast(Enums.BandFormat.Uchar);
        using var input = new MemoryStream([
            .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P5\n{bytes.Width} {bytes.Height}\n255\n")),
            .. bytes.WriteToMemory<byte>()]);
        var call = new ProgramCall(
            "tesseract", ["stdin", "stdout", "-l", "eng", "--dpi", "300", "--psm", mode.ToString(CultureInfo.InvariantCulture)])
        {
            Input = input,
            TimeLimit = TimeLimit,
            Environment = new Dictionary<string, string> { ["OMP_THREAD_LIMIT"] = "1" },
        };
        var result = await programs.RunAsync(call, cancellationToken);
        return result.Succeeded ? Encoding.UTF8.GetString(result.Output.Span) : throw new InvalidOperationException($"tesseract: {result.End}");
    }

    /// <summary>
    /// The share of a text's characters that are not in what was read: each of its lines is compared with the passage that is most like it, because
    /// the order of columns and bubbles is a matter of opinion.
    /// </summary>
    public static double ErrorRate(string text, string read)
    {
        var seen = Plain(read);
        var (errors, characters) = (0, 0);
        foreach (var line in text.Split('\n').Select(Plain))
        {
            errors += Math.Min(line.Length, Distance(line, seen));
            characters += line.Length;
        }

        return characters == 0 ? 0 : errors / (double)characters;
    }

    private static string Plain(string text) =>
        string.Join(' ', text.Normalize(NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Fewest changes that make some passage of a text into another text (Sellers, 1980).</summary>
    private static int Distance(string wanted, string text)
    {
        var costs = new int[text.Length + 1];
        for (var i = 1; i <= wanted.Length; i++)
        {
            var before = costs[0];
            costs[0] = i;
            for (var j = 1; j <= text.Length; j++)
            {
                var swap = before + (wanted[i - 1] == text[j - 1] ? 0 : 1);
                before = costs[j];
                costs[j] = Math.Min(swap, 1 + Math.Min(before, costs[j - 1]));
            }
        }

        return costs.Min();
    }
}
