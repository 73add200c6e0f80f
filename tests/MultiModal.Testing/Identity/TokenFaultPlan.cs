using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MultiModal.Testing.Identity;

/// <summary>
/// Which requests for a token fail, and how. Token services fail for a while rather than once: the requests are taken in spells, and a spell
/// fails as a whole. The seed and the request's number decide.
/// </summary>
/// <param name="Seed">Seed of all draws.</param>
/// <param name="Probability">Probability that a spell fails, 0 to 1.</param>
/// <param name="Spell">Number of requests in a row that fail together, at least 1.</param>
public sealed record TokenFaultPlan(int Seed, double Probability, int Spell)
{
    private static readonly TokenFaultKind[] Kinds = Enum.GetValues<TokenFaultKind>();

    /// <param name="arrival">Number of the request, from 1.</param>
    /// <returns>The fault; null where the token is given.</returns>
    public TokenFaultKind? Draw(int arrival)
    {
        var spell = Digest("spell", (arrival - 1) / Spell);
        if (spell / (uint.MaxValue + 1.0) >= Probability) return null;
        return Kinds[(int)(Digest("request", arrival) % (uint)Kinds.Length)];
    }

    private uint Digest(string of, int number) => BinaryPrimitives.ReadUInt32BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seed}|{of}|{number}"))));
}
