using MultiModal.Decoder.Pdf;

namespace MultiModal.Pipeline.Tests.Text;

public sealed class TypedLettersTests
{
    [Theory]
    [InlineData("e\uFB03cient o\uFB00er \uFB01nds \uFB02oor wa\uFB04e be\uFB06", "efficient offer finds floor waffle best")]
    [InlineData("Cafe\u0301 A\u0308pfel n\u0303 c\u0327", "Café Äpfel ñ ç")]
    [InlineData("u\u0308\u0301 a\u0323\u0302 \u0418\u0306 \u03B1\u0301", "ǘ ậ Й ά")]
    [InlineData("10² ½ ™ ﬀ", "10² ½ ™ ff")]
    [InlineData("\u0301x q\u0301", "\u0301x q\u0301")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void Ligatures_and_accents_are_written_as_they_are_typed(string text, string typed) => Assert.Equal(typed, TypedLetters.Of(text));
}
